"""Sessions that break a promise, of their own or about the neighbouring goals in them (``GOALS``)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemorySessions
from show_goal.adapters.memory.session_goals import Record
from show_goal.core.model import Claim, Session
from show_goal.ports.sessions import PresetSwitch
from show_goal.testing.conformance import (
    SessionGoalsConformance,
    SessionGoalsUnderTest,
    SessionsConformance,
    SessionsUnderTest,
)
from show_goal.testing.conformance.examples import TICK

from .breaking import WrongAdapters, gap

WRONG = WrongAdapters(
    SessionsConformance,
    MemorySessions,
    lambda sessions: SessionsUnderTest(
        sessions=sessions, store=sessions.add, private_goals=sessions.private_goals, viewers=sessions.viewers
    ),
)
GOALS = WrongAdapters(
    SessionGoalsConformance,
    MemorySessions,
    lambda sessions: SessionGoalsUnderTest(
        sessions=sessions,
        store=sessions.add,
        show_goal_pairs=sessions.show_goal_pairs,
        karaoke_goal=sessions.karaoke_goal,
        exclusive_goal_pairs=sessions.exclusive_goal_pairs,
    ),
)
BIND = "bind_trigger_private_goal"
END = "end_trigger_private_goal"
Place = Callable[[Record], Record | None]


def record_of(right: Any, session_id: str) -> Record | None:
    record: Record | None = right.__self__._records.get(session_id)
    return record


def put(sessions: Any, record: Record, **changes: Any) -> Session:
    """Store the record with changes of its session."""
    session = evolve(record.session, **changes)
    sessions._records[session.id] = evolve(record, session=session)
    return session


def put_record(right: Any, session_id: str, **changes: Any) -> Any:
    """Store the record with changes."""
    record = record_of(right, session_id)
    return record and right.__self__._put(evolve(record, **changes))


for method in ("claim", BIND):
    WRONG.raises(method, "_records", f"{method}.none")
WRONG.raises("fetch_active", "_records", "fetch_active.none")
WRONG.raises(END, "_records", f"{END}.missing")
WRONG.raises("admit_viewers", "_records", "admit_viewers.missing")

WRONG.add(
    "fetch_active.whole",
    "a field changed",
    fetch_active=lambda right, key: evolve(
        right(key), pricing={p: rate for p, rate in right(key).pricing.items() if rate}
    ),
)
WRONG.add(
    "fetch_active.none",
    "there is no active session",
    fetch_active=lambda right, key: (record := record_of(right, key)) and record.session,
)


@WRONG.breaks("claim.takes", "the claim is not all that changed")
class ClaimingResetsThePreset(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        claimed = super().claim(session_id, claim, now)
        put(self, self._records[session_id], preset=None)
        return claimed


@WRONG.breaks("claim.stands", "the live claim is not returned")
class RepeatsProlong(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        live = super().claim(session_id, claim, now)
        if live is None or live.goal_id != claim.goal_id:
            return live
        return put(self, self._records[session_id], claim=claim).claim


WRONG.add(
    "claim.live", "a claim is live while exp > now", claim=lambda right, key, claim, now: right(key, claim, now - TICK)
)
WRONG.add(
    "claim.live", "a claim is live while exp > now", claim=lambda right, key, claim, now: right(key, claim, now + TICK)
)


@WRONG.breaks("claim.live", "a claim is live while exp > now")
class ClaimsWithoutExpAreOver(MemorySessions):
    def claim(self, session_id: str, claim: Claim, now: datetime) -> Claim | None:
        record = self._records[session_id]
        if record.session.claim is not None and record.session.claim.exp is None:
            put(self, record, claim=None)
        return super().claim(session_id, claim, now)


WRONG.add(
    "claim.whole",
    "the first viewer is not returned",
    claim=lambda right, key, claim, now: right(key, Claim(goal_id=claim.goal_id, exp=claim.exp), now),
)
WRONG.races(
    "claim.one", "every caller gets the stored claim", "claim", "_records", lambda record: record.session.claim is None
)
WRONG.add(
    "claim.none",
    "no active session is",
    claim=lambda right, key, claim, now: right(key, claim, now) or (record_of(right, key) and claim),
)


@WRONG.breaks(f"{BIND}.pushes", "the session is not returned with the goal as its last")
class BindingResetsThePreset(MemorySessions):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        session = super().bind_trigger_private_goal(session_id, claim, now)
        return session and put(self, self._records[session_id], preset=None)


class Pushing(MemorySessions):
    def bound(self, session_id: str, goal_id: str) -> bool:
        return any(element.goal == goal_id for element in self.private_goals(session_id))

    def push(self, session_id: str, goal_id: str) -> Session:
        record = self._records[session_id]
        goals = (*record.private_goals, Session.TriggerPrivateGoal(goal=goal_id))
        return self._replace(record, record.session, goals)


@WRONG.breaks(f"{BIND}.once", "the goal was appended twice")
class PushesAgain(Pushing):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        return self.push(session_id, claim.goal_id)


@WRONG.breaks(f"{BIND}.once", "the goal was appended twice")
class PushesAgainInARace(Pushing):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        bound = self.bound(session_id, claim.goal_id)
        with gap(self):
            return self._records[session_id].session if bound else self.push(session_id, claim.goal_id)


@WRONG.breaks(f"{BIND}.once", "the goal is in the list")
class LooksAtTheLastGoalOnly(Pushing):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        last = self._records[session_id].session.trigger_private_goal
        if last is not None and last.goal != claim.goal_id and self.bound(session_id, claim.goal_id):
            return None
        return super().bind_trigger_private_goal(session_id, claim, now)


@WRONG.breaks(f"{BIND}.live", "a claim is live while exp > now, here and there")
class BindsWhatHasEnded(MemorySessions):
    @staticmethod
    def _free_for(goal_id: str, standing: Claim | None, now: datetime) -> bool:
        return standing is None or standing.goal_id == goal_id or not standing.live(now)


for tick in (TICK, -TICK):
    WRONG.add(
        f"{BIND}.live",
        "a claim is live while exp > now",
        bind_trigger_private_goal=lambda right, key, claim, now, tick=tick: right(key, claim, now + tick),
    )


@WRONG.breaks(f"{BIND}.free", "a live claim of another goal is what prevents binding")
class BindsBesideAnother(MemorySessions):
    @staticmethod
    def _free_for(goal_id: str, standing: Claim | None, now: datetime) -> bool:
        return standing is None or standing.goal_id != goal_id or standing.live(now)


@WRONG.breaks(f"{BIND}.free", "a live claim of another goal is what prevents binding")
class BindsItsOwnClaimOnly(MemorySessions):
    @staticmethod
    def _free_for(goal_id: str, standing: Claim | None, now: datetime) -> bool:
        return standing is not None and standing.goal_id == goal_id and standing.live(now)


@WRONG.breaks(f"{BIND}.none", "there is no active session")
class BindsToInactiveSessions(MemorySessions):
    def bind_trigger_private_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        return super().bind_trigger_private_goal(session_id, claim, now) or self._records[session_id].session


@WRONG.breaks(f"{END}.writes", "another goal was ended too")
class EndsEveryGoal(MemorySessions):
    def end_trigger_private_goal(self, session_id: str, goal_id: str, *, ended: Any, agreed: Any) -> None:
        for element in self.private_goals(session_id):
            super().end_trigger_private_goal(session_id, element.goal, ended=ended, agreed=agreed)


WRONG.add(
    f"{END}.writes",
    "are not all that changed",
    end_trigger_private_goal=lambda right, *ids, ended, agreed: right(*ids, ended=ended, agreed=None),
)


@WRONG.breaks(f"{END}.first", "a second end replaced the first")
class TheLastEndStays(MemorySessions):
    def end_trigger_private_goal(self, session_id: str, goal_id: str, *, ended: Any, agreed: Any) -> None:
        record = self._records[session_id]
        goals = (evolve(goal, goal_ended=None) for goal in record.private_goals)
        self._replace(record, record.session, tuple(goals))
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)


@WRONG.breaks(f"{END}.first", "two ends were mixed")
class MixesEndsInARace(MemorySessions):
    def end_trigger_private_goal(self, session_id: str, goal_id: str, *, ended: Any, agreed: Any) -> None:
        with gap(self):
            super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)
            record = self._records[session_id]
            goals = (evolve(goal, goal_agreed=agreed) for goal in record.private_goals)
            self._replace(record, record.session, tuple(goals))


class Claiming(MemorySessions):
    def ends_at(self, claim: Claim, ended: datetime) -> datetime | None:
        raise NotImplementedError

    def end_trigger_private_goal(self, session_id: str, goal_id: str, *, ended: Any, agreed: Any) -> None:
        claim = self._records[session_id].session.claim
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)
        if claim is not None:
            put(self, self._records[session_id], claim=evolve(claim, exp=self.ends_at(claim, ended)))


@WRONG.breaks(f"{END}.claim", "the claim does not end at min(exp, ended)")
class ClaimsEndLater(Claiming):
    def ends_at(self, claim: Claim, ended: datetime) -> datetime | None:
        return ended


@WRONG.breaks(f"{END}.claim", "the claim does not end at min(exp, ended)")
class ClaimsWithoutExpStay(Claiming):
    def ends_at(self, claim: Claim, ended: datetime) -> datetime | None:
        return None if claim.exp is None else min(claim.exp, ended)


@WRONG.breaks(f"{END}.claim", "the ended goal still holds the session")
class ClaimsStay(Claiming):
    def ends_at(self, claim: Claim, ended: datetime) -> datetime | None:
        return claim.exp


@WRONG.breaks(f"{END}.missing", "ending made a claim")
class EndingMakesAClaim(MemorySessions):
    def end_trigger_private_goal(self, session_id: str, goal_id: str, *, ended: Any, agreed: Any) -> None:
        record = self._records.get(session_id)
        if record is not None and record.session.claim is None:
            put(self, record, claim=Claim(goal_id=goal_id, exp=ended))
        super().end_trigger_private_goal(session_id, goal_id, ended=ended, agreed=agreed)


WRONG.add(
    f"{END}.inactive",
    "the goal was not ended",
    end_trigger_private_goal=lambda right, key, *of, **at: right.__self__._active(key) and right(key, *of, **at),
)


@WRONG.breaks("unbound.late", "the goal is bound")
class BoundIsUnbound(MemorySessions):
    def unbound(self, now: datetime, limit: int) -> Any:
        sessions = [record.session for record in self._records.values() if record.session.active]
        return [session for session in sessions if session.ongoing_private_goal(now)][:limit]


WRONG.add("unbound.late", "a claim is live while exp > now", unbound=lambda right, now, limit: right(now - TICK, limit))
WRONG.add(
    "unbound.late",
    "or the session is inactive",
    unbound=lambda right, now, limit: [
        *right(now, limit),
        *(record.session for record in right.__self__._records.values() if not record.session.active),
    ],
)
WRONG.add("unbound.limit", "not as many as asked for", unbound=lambda right, now, limit: right(now, 99))
WRONG.add(
    "admit_viewers.admits",
    "a pass is missing or changed",
    admit_viewers=lambda right, key, viewers: put_record(right, key, viewers=viewers),
)


@WRONG.breaks("admit_viewers.admits", "not this pass was replaced")
class KeepsTheLongest(MemorySessions):
    def admit_viewers(self, session_id: str, viewers: Any) -> None:
        known = self._records[session_id].viewers
        longer = {v: p for v, p in viewers.items() if v not in known or p.duration > known[v].duration}
        super().admit_viewers(session_id, longer)


WRONG.races("admit_viewers.at_once", "a viewer who paid was lost", "admit_viewers", "_records")
WRONG.add(
    "admit_viewers.later",
    "a repeat for an old goal replaced the newer pass",
    admit_viewers=lambda right, key, viewers: put_record(right, key, viewers=viewers),
)
WRONG.add(
    "admit_viewers.any_text",
    "the id became another one",
    admit_viewers=lambda right, key, viewers: right(key, {v.replace(".", "_"): p for v, p in viewers.items()}),
)
WRONG.add(
    "admit_viewers.missing",
    "the inactive session did not admit the viewer",
    admit_viewers=lambda right, key, viewers: right.__self__._active(key) and right(key, viewers),
)
WRONG.add(
    "switch_preset.switches",
    "the result is wrong",
    switch_preset=lambda right, *to: (
        (switch := right(*to)) and evolve(switch, session=evolve(switch.session, claim=None))
    ),
)
WRONG.add(
    "switch_preset.switches",
    "the result is wrong",
    switch_preset=lambda right, streamer, preset: (
        (switch := right(streamer, preset)) and evolve(switch, from_preset={preset: None}.get(switch.from_preset))
    ),
)


@WRONG.breaks("switch_preset.none", "has no active session")
class SwitchesAnySession(MemorySessions):
    def switch_preset(self, streamer_id: str, preset: str) -> PresetSwitch | None:
        (streamer,) = [record.session.streamer_id for record in self._records.values() if record.session.active]
        return super().switch_preset(streamer, preset)


@WRONG.breaks("switch_preset.at_once", "a switch does not say what was before it")
class SwitchesFromWhatItRead(MemorySessions):
    def switch_preset(self, streamer_id: str, preset: str) -> PresetSwitch | None:
        (read,) = [record.session.preset for record in self._records.values()]
        gap(self).wait()
        switch = super().switch_preset(streamer_id, preset)
        return switch and evolve(switch, from_preset=read)


def karaoke(right: Any, session_id: str, **changes: Any) -> Any:
    """Store the session with changes of its karaoke goal."""
    record = record_of(right, session_id)
    if record is None or record.karaoke_goal is None:
        return None
    return put_record(right, session_id, karaoke_goal=evolve(record.karaoke_goal, **changes))


@GOALS.breaks("SessionGoals.bound", "a redelivery gets the session")
class ARepeatIsNone(MemorySessions):
    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        known = self._records[session_id].karaoke_goal
        return None if known and known.goal == claim.goal_id else super().bind_karaoke_goal(session_id, claim, now)


@GOALS.breaks("SessionGoals.not_bound", "found a slot")
class BindsToInactiveOnes(MemorySessions):
    def _bind(self, session_id: str, place: Place) -> Session | None:
        record = self._records.get(session_id)
        placed = place(record) if record is not None else None
        return None if placed is None else self._put(placed)


for tick in (TICK, -TICK):
    GOALS.add(
        "SessionGoals.not_bound",
        "a goal is live while exp > now",
        bind_exclusive_goal=lambda right, key, claim, now, tick=tick, **to: right(key, claim, now + tick, **to),
    )


@GOALS.breaks("SessionGoals.claim", "a private goal's claim was changed")
class ClaimsTheSession(MemorySessions):
    def bind_karaoke_goal(self, session_id: str, claim: Claim, now: datetime) -> Session | None:
        bound = super().bind_karaoke_goal(session_id, claim, now)
        return bound and put(self, self._records[session_id], claim=claim)


@GOALS.breaks("SessionGoals.atomic", "several goals took one slot")
class ChecksThenWrites(MemorySessions):
    def _bind(self, session_id: str, place: Place) -> Session | None:
        placed = place(self._records[session_id])
        with gap(self):
            return None if placed is None else self._put(placed)


GOALS.add(
    "bind_show_funding_goal.pushed",
    "the guard sees the last pair",
    bind_show_funding_goal=lambda right, key, *of: (
        right(key, *of) and put_record(right, key, show_goal_pairs=record_of(right, key).show_goal_pairs[::-1])  # type: ignore[union-attr]
    ),
)
GOALS.add(
    "bind_show_goal.set",
    "the show is in another pair",
    bind_show_goal=lambda right, key, *of, funding_goal: right(
        key,
        *of,
        funding_goal=record_of(right, key).show_goal_pairs[-1].funding_goal,  # type: ignore[union-attr]
    ),
)
GOALS.add(
    "bind_karaoke_goal.set",
    "something of the first one is left",
    bind_karaoke_goal=lambda right, key, *of: right(key, *of) and karaoke(right, key, progress=7),
)


@GOALS.breaks("bind_trigger_exclusive_goal.set", "something of the first pair is left")
class KeepsTheLastShow(MemorySessions):
    def bind_trigger_exclusive_goal(self, session_id: str, claim: Claim, now: Any, *, viewer_id: str) -> Session | None:
        before = self._records[session_id].exclusive_goal_pairs.get(viewer_id)
        bound = super().bind_trigger_exclusive_goal(session_id, claim, now, viewer_id=viewer_id)
        if bound is None or before is None:
            return bound
        record = self._records[session_id]
        pairs = {**record.exclusive_goal_pairs, viewer_id: evolve(before, trigger_exclusive_goal=claim.goal_id)}
        return self._put(evolve(record, exclusive_goal_pairs=pairs))


@GOALS.breaks("bind_exclusive_goal.set", "found a slot")
class ShowsForAnyRequest(MemorySessions):
    def bind_exclusive_goal(
        self, session_id: str, claim: Claim, now: Any, *, viewer_id: str, **to: str
    ) -> Session | None:
        pair = self._records[session_id].exclusive_goal_pairs.get(viewer_id)
        asked = pair.trigger_exclusive_goal if pair is not None else ""
        return super().bind_exclusive_goal(session_id, claim, now, viewer_id=viewer_id, trigger_exclusive_goal=asked)


@GOALS.breaks("end_embedded_goal.written", "an end is missing")
class EndsNoFunding(MemorySessions):
    def end_embedded_goal(self, session_id: str, goal_id: str, *, ended: datetime) -> None:
        super().end_embedded_goal(session_id, goal_id, ended=ended)
        record = self._records[session_id]
        pairs = tuple(evolve(pair, funding_ended=None) for pair in record.show_goal_pairs)
        self._put(evolve(record, show_goal_pairs=pairs))


GOALS.add(
    "end_embedded_goal.once",
    "a second end replaced the first",
    end_embedded_goal=lambda right, key, goal_id, ended: (
        right(key, goal_id, ended=ended) or karaoke(right, key, goal_ended=ended)
    ),
)
GOALS.add(
    "end_embedded_goal.inactive",
    "the goal was not ended",
    end_embedded_goal=lambda right, key, goal_id, ended: (
        right.__self__._active(key) and right(key, goal_id, ended=ended)
    ),
)
GOALS.raises("end_embedded_goal", "_records", "end_embedded_goal.nowhere")
GOALS.add(
    "progress_karaoke_goal.grows",
    "progress went back",
    progress_karaoke_goal=lambda right, key, goal_id, progress: karaoke(right, key, progress=progress),
)
GOALS.add(
    "drop_exclusive_goal_pair.dropped",
    "changed another session or goal",
    drop_exclusive_goal_pair=lambda right, key, *of: put_record(right, key, exclusive_goal_pairs={}) and None,
)
GOALS.add(
    "drop_exclusive_goal_pair.dropped",
    "not only the viewer's pair was removed",
    drop_exclusive_goal_pair=lambda right, *of: None,
)
