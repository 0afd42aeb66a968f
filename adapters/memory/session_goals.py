"""A stored session, and the goals of the neighbouring classes in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock

from attrs import evolve, field, frozen

from ...core.model import Claim, ExclusiveGoalPair, Session, SessionKaraoke, ShowGoalPair


@frozen
class Record:
    """``session`` is what the guards see: only the last element of each list."""

    session: Session
    private_goals: tuple[Session.TriggerPrivateGoal, ...] = ()
    show_goal_pairs: tuple[ShowGoalPair, ...] = ()
    karaoke_goal: SessionKaraoke | None = None
    exclusive_goal_pairs: Mapping[str, ExclusiveGoalPair] = field(factory=dict)
    closed_claim: str | None = None
    """The goal of the last claim that was closed."""


class MemorySessionGoals:
    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._lock = Lock()

    def show_goal_pairs(self, session_id: str) -> tuple[ShowGoalPair, ...]:
        """All of ``session.show_goal_pairs``."""
        return self._records[session_id].show_goal_pairs

    def karaoke_goal(self, session_id: str) -> SessionKaraoke | None:
        """``session.karaoke_goal``."""
        return self._records[session_id].karaoke_goal

    def exclusive_goal_pairs(self, session_id: str) -> Mapping[str, ExclusiveGoalPair]:
        """``session.exclusive_goal_pairs``, by viewer."""
        return self._records[session_id].exclusive_goal_pairs

    def bind_show_funding_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        def place(record: Record) -> Record | None:
            pairs = record.show_goal_pairs
            if any(pair.funding_goal == claim.goal_id for pair in pairs):
                return record
            pushed = (*pairs, ShowGoalPair(funding_goal=claim.goal_id))
            return evolve(record, show_goal_pairs=pushed) if claim.live(now) else None

        return self._bind(session_id, place)

    def bind_show_goal(self, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Session | None:
        def place(record: Record) -> Record | None:
            pairs = record.show_goal_pairs
            found = [pair for pair in pairs if pair.funding_goal == funding_goal]
            if any(pair.show_goal == claim.goal_id for pair in found):
                return record
            if not claim.live(now) or not any(pair.show_goal is None for pair in found):
                return None
            shown = tuple(evolve(pair, show_goal=claim.goal_id) if pair in found else pair for pair in pairs)
            return evolve(record, show_goal_pairs=shown)

        return self._bind(session_id, place)

    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        def place(record: Record) -> Record | None:
            existing = record.karaoke_goal
            if existing is not None and existing.goal == claim.goal_id:
                return record
            taken = existing is not None and existing.goal_ended is None
            if taken or not claim.live(now):
                return None
            return evolve(record, karaoke_goal=SessionKaraoke(goal=claim.goal_id))

        return self._bind(session_id, place)

    def bind_trigger_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str
    ) -> Session | None:
        def place(record: Record) -> Record | None:
            existing = record.exclusive_goal_pairs.get(viewer_id)
            if existing is not None and existing.trigger_exclusive_goal == claim.goal_id:
                return record
            taken = existing is not None and not existing.over
            if taken or not claim.live(now):
                return None
            return _with_pair(record, viewer_id, ExclusiveGoalPair(trigger_exclusive_goal=claim.goal_id))

        return self._bind(session_id, place)

    def bind_exclusive_goal(
        self, session_id: str, claim: Claim, now: datetime, *, viewer_id: str, trigger_exclusive_goal: str
    ) -> Session | None:
        def place(record: Record) -> Record | None:
            existing = record.exclusive_goal_pairs.get(viewer_id)
            if existing is None or existing.trigger_exclusive_goal != trigger_exclusive_goal:
                return None
            if existing.exclusive_goal == claim.goal_id:
                return record
            if existing.exclusive_goal is not None or not claim.live(now):
                return None
            return _with_pair(record, viewer_id, evolve(existing, exclusive_goal=claim.goal_id))

        return self._bind(session_id, place)

    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        def end(record: Record) -> Record:
            karaoke = record.karaoke_goal
            return evolve(
                record,
                show_goal_pairs=tuple(_ended_show(pair, goal_id, ended) for pair in record.show_goal_pairs),
                karaoke_goal=None if karaoke is None else _ended_karaoke(karaoke, goal_id, ended),
                exclusive_goal_pairs={
                    viewer_id: _ended_exclusive(pair, goal_id, ended)
                    for viewer_id, pair in record.exclusive_goal_pairs.items()
                },
            )

        self._change(session_id, end)

    def progress_karaoke_goal(self, session_id: str, goal_id: str, progress: int) -> None:
        def grow(record: Record) -> Record:
            existing = record.karaoke_goal
            if existing is None or existing.goal != goal_id:
                return record
            return evolve(record, karaoke_goal=evolve(existing, progress=max(existing.progress, progress)))

        self._change(session_id, grow)

    def drop_exclusive_goal_pair(self, session_id: str, viewer_id: str, goal_id: str) -> None:
        def drop(record: Record) -> Record:
            pairs = dict(record.exclusive_goal_pairs)
            existing = pairs.get(viewer_id)
            if existing is None or existing.trigger_exclusive_goal != goal_id or existing.exclusive_goal is not None:
                return record
            del pairs[viewer_id]
            return evolve(record, exclusive_goal_pairs=pairs)

        self._change(session_id, drop)

    def _bind(self, session_id: str, place: Callable[[Record], Record | None]) -> Session | None:
        with self._lock:
            record = self._records.get(session_id)
            placed = place(record) if record is not None and record.session.active else None
            return None if placed is None else self._put(placed)

    def _change(self, session_id: str, change: Callable[[Record], Record]) -> None:
        with self._lock:
            record = self._records.get(session_id)
            if record is not None:
                self._put(change(record))

    def _put(self, record: Record) -> Session:
        pairs = record.show_goal_pairs
        session = evolve(record.session, show_goal_pair=pairs[-1] if pairs else None)
        self._records[session.id] = evolve(record, session=session)
        return session


def _with_pair(record: Record, viewer_id: str, pair: ExclusiveGoalPair) -> Record:
    return evolve(record, exclusive_goal_pairs={**record.exclusive_goal_pairs, viewer_id: pair})


def _ended_show(pair: ShowGoalPair, goal_id: str, ended: datetime) -> ShowGoalPair:
    if pair.funding_goal == goal_id:
        pair = evolve(pair, funding_ended=pair.funding_ended or ended)
    if pair.show_goal == goal_id:
        pair = evolve(pair, show_ended=pair.show_ended or ended)
    return pair


def _ended_karaoke(karaoke: SessionKaraoke, goal_id: str, ended: datetime) -> SessionKaraoke:
    return evolve(karaoke, goal_ended=karaoke.goal_ended or ended) if karaoke.goal == goal_id else karaoke


def _ended_exclusive(pair: ExclusiveGoalPair, goal_id: str, ended: datetime) -> ExclusiveGoalPair:
    if pair.trigger_exclusive_goal == goal_id:
        pair = evolve(pair, trigger_exclusive_ended=pair.trigger_exclusive_ended or ended)
    if pair.exclusive_goal == goal_id:
        pair = evolve(pair, exclusive_ended=pair.exclusive_ended or ended)
    return pair
