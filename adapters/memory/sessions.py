"""Sessions in a dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import evolve

from ...core.model import Claim, Session
from ...core.rules.states import switched
from ...ports.page import Page
from ...ports.sessions import PresetSwitch
from .paging import page
from .session_goals import MemorySessionGoals, Record

Element = Session.TriggerPrivateGoal


class MemorySessions(MemorySessionGoals):
    def add(self, session: Session) -> Session:
        """Store a session, replacing one with the same id."""
        last, pair = session.trigger_private_goal, session.show_goal_pair
        record = Record(session, private_goals=(last,) if last else (), show_goal_pairs=(pair,) if pair else ())
        with self._lock:
            self._records[session.id] = record
        return session

    def get(self, session_id: str) -> Session:
        """The session, active or not. Raises KeyError."""
        return self._records[session_id].session

    def private_goals(self, session_id: str) -> tuple[Element, ...]:
        """All of ``session.trigger_private_goals``."""
        return self._records[session_id].private_goals

    def set_price(self, session_id: str, pricing: Mapping[str, int]) -> None:
        """The host changes what a session costs."""
        with self._lock:
            record = self._records[session_id]
            self._records[session_id] = evolve(record, session=evolve(record.session, pricing=pricing))

    def see(self, session_id: str, at: datetime) -> None:
        """The host writes when the session was last alive."""
        with self._lock:
            record = self._records[session_id]
            self._records[session_id] = evolve(record, session=evolve(record.session, last_seen=at))

    def fetch_active(self, session_id: str) -> Session | None:
        record = self._active(session_id)
        return None if record is None else record.session

    def fetch(self, session_id: str) -> Session | None:
        record = self._records.get(session_id)
        return None if record is None else record.session

    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        with self._lock:
            record = self._active(session_id)
            if record is None:
                return None
            existing = record.session.ongoing_private_goal(now)
            if existing is None:
                self._records[session_id] = evolve(record, session=evolve(record.session, claim=claim))
            return existing or claim

    def renew_claim(self, session_id: str, goal_id: str, *, renewed: bool = True) -> bool:
        with self._lock:
            record = self._active(session_id)
            if record is None:
                return False
            claim = record.session.claim
            if claim is None or claim.goal_id != goal_id or claim.renewed is renewed or self._bound(record, goal_id):
                return False
            session = evolve(record.session, claim=evolve(claim, renewed=renewed))
            self._records[session_id] = evolve(record, session=session)
            return True

    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        with self._lock:
            record = self._active(session_id)
            if record is None:
                return None
            if self._bound(record, claim.goal_id):
                return record.session
            if not claim.live(now) or not self._free_for(claim.goal_id, record.session.claim, now):
                return None
            return self._replace(record, record.session, (*record.private_goals, Element(goal=claim.goal_id)))

    def end_trigger_private_goal(
        self, session_id: str, goal_id: str, *, ended: datetime, agreed: datetime | None
    ) -> Session | None:
        with self._lock:
            record = self._records.get(session_id)
            if record is None:
                return None
            session = record.session
            claim = session.claim
            if claim is not None and claim.goal_id == goal_id and claim.live(ended):
                session = evolve(session, claim=evolve(claim, exp=ended))
            return self._replace(
                record,
                session,
                tuple(
                    evolve(element, goal_ended=ended, goal_agreed=agreed)
                    if element.goal == goal_id and element.goal_ended is None
                    else element
                    for element in record.private_goals
                ),
            )

    def drop_trigger_private_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        with self._lock:
            record = self._records.get(session_id)
            if record is None:
                return
            session = record.session
            claim = session.claim
            if claim is not None and claim.goal_id == goal_id:
                ended_claim = evolve(claim, exp=ended) if claim.live(ended) else claim
                session = evolve(session, claim=ended_claim)
                record = evolve(record, closed_claim=goal_id)
            self._replace(record, session, tuple(one for one in record.private_goals if one.goal != goal_id))

    def unbound(self, now: datetime, limit: int, after: str | None = None) -> Page[Session]:
        with self._lock:
            sessions = [record.session for record in self._records.values() if record.session.active]
        claimed = [(claim.exp, session.id, session) for session in sessions if (claim := _unbound(session, now))]
        return page(claimed, limit, after)

    def over(self, now: datetime, limit: int, after: str | None = None) -> Page[Session]:
        with self._lock:
            sessions = [record.session for record in self._records.values() if not record.session.active]
        claimed = ((one.claim.exp, one.id, one) for one in sessions if one.claim is not None and one.claim.exp)
        return page(((exp, key, one) for exp, key, one in claimed if exp > now), limit, after)

    def lapsed(self, before: datetime, limit: int, after: str | None = None) -> Page[Session]:
        with self._lock:
            found = [(one.session.claim, one) for one in self._records.values() if one.session.claim is not None]
        expired = [(claim.exp, claim.goal_id, one) for claim, one in found if claim.exp and claim.exp <= before]
        open_ones = [it for it in expired if it[1] != it[2].closed_claim and not self._bound(it[2], it[1])]
        return page(((exp, one.session.id, one.session) for exp, _, one in open_ones), limit, after)

    def close_claim(self, session_id: str, goal_id: str) -> None:
        with self._lock:
            record = self._records.get(session_id)
            if record is not None and record.session.claim is not None and record.session.claim.goal_id == goal_id:
                self._records[session_id] = evolve(record, closed_claim=goal_id)

    def switch_preset(
        self, streamer_id: str, preset: str, now: datetime, session_id: str | None = None
    ) -> PresetSwitch | None:
        with self._lock:
            all_of_them = (record.session for record in self._records.values())
            theirs = {one.id: one for one in all_of_them if one.active and one.streamer_id == streamer_id}
            if not theirs:
                return None
            before = theirs.get(session_id or "") or theirs[max(theirs)]
            session = switched(before, preset, now)
            self._records[session.id] = evolve(self._records[session.id], session=session)
            return PresetSwitch(session=session, from_preset=before.preset)

    def _active(self, session_id: str) -> Record | None:
        record = self._records.get(session_id)
        return record if record is not None and record.session.active else None

    @staticmethod
    def _bound(record: Record, goal_id: str) -> bool:
        return any(element.goal == goal_id for element in record.private_goals)

    @staticmethod
    def _free_for(goal_id: str, existing: Claim | None, now: datetime) -> bool:
        """Whether the goal's own claim is live, or another goal's is not."""
        return existing is None or existing.live(now) == (existing.goal_id == goal_id)

    def _replace(self, record: Record, session: Session, private_goals: tuple[Element, ...]) -> Session:
        session = evolve(session, trigger_private_goal=private_goals[-1] if private_goals else None)
        self._records[session.id] = evolve(record, session=session, private_goals=private_goals)
        return session


def _unbound(session: Session, now: datetime) -> Claim | None:
    ongoing = session.ongoing_private_goal(now)
    return ongoing if ongoing is not None and not session.has_bound(ongoing.goal_id) else None
