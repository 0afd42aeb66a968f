"""Sessions that break a promise about the neighbouring goals in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemorySessions
from show_goal.adapters.memory.session_goals import Record
from show_goal.core.model import Claim, Session
from show_goal.testing.conformance import SessionGoalsConformance, SessionGoalsUnderTest
from show_goal.testing.conformance.examples import TICK

from .breaking import WrongAdapters, gap
from .wrong_sessions import active_only, put, put_record, record_of, shifted

WRONG = WrongAdapters(
    SessionGoalsConformance,
    MemorySessions,
    lambda it: SessionGoalsUnderTest(
        sessions=it,
        store=it.add,
        show_goal_pairs=it.show_goal_pairs,
        karaoke_goal=it.karaoke_goal,
        exclusive_goal_pairs=it.exclusive_goal_pairs,
    ),
)
Place = Callable[[Record], Record | None]

WRONG.raises("end_embedded_goal", "_records", "end_embedded_goal.nowhere")
for tick in (TICK, -TICK):
    WRONG.add("SessionGoals.not_bound", "a goal is live while exp > now", bind_exclusive_goal=shifted(tick))


def karaoke(right: Any, session_id: str, **changes: Any) -> Any:
    """Store the session with changes of its karaoke goal."""
    record = record_of(right, session_id)
    goal = record and record.karaoke_goal
    return goal and put_record(right, session_id, karaoke_goal=evolve(goal, **changes))


def none_for_a_repeat(right: Any, session_id: str, claim: Claim, now: datetime) -> Session | None:
    known = record_of(right, session_id).karaoke_goal
    return None if known and known.goal == claim.goal_id else right(session_id, claim, now)


def bind_to_inactive_sessions(right: Any, session_id: str, place: Place) -> Any:
    record = record_of(right, session_id)
    placed = place(record) if record is not None else None
    return placed and right.__self__._put(placed)


WRONG.add("SessionGoals.bound", "a redelivery gets the session", bind_karaoke_goal=none_for_a_repeat)
WRONG.add("SessionGoals.not_bound", "found a slot", _bind=bind_to_inactive_sessions)
WRONG.add(
    "SessionGoals.claim",
    "a private goal's claim was changed",
    bind_karaoke_goal=lambda right, key, claim, now: right(key, claim, now) and put(right.__self__, key, claim=claim),
)


@WRONG.breaks("SessionGoals.atomic", "several goals took one slot")
class ChecksThenWrites(MemorySessions):
    def _bind(self, session_id: str, place: Place) -> Session | None:
        placed = place(self._records[session_id])
        with gap(self):
            return None if placed is None else self._put(placed)


def push_to_the_front(right: Any, session_id: str, claim: Claim, now: datetime) -> Any:
    right(session_id, claim, now)
    return put_record(right, session_id, show_goal_pairs=record_of(right, session_id).show_goal_pairs[::-1])


def show_of_the_last_pair(right: Any, session_id: str, claim: Claim, now: datetime, *, funding_goal: str) -> Any:
    return right(session_id, claim, now, funding_goal=record_of(right, session_id).show_goal_pairs[-1].funding_goal)


WRONG.add("bind_show_funding_goal.pushed", "the guard sees the last pair", bind_show_funding_goal=push_to_the_front)
WRONG.add("bind_show_goal.set", "the show is in another pair", bind_show_goal=show_of_the_last_pair)


@WRONG.breaks("bind_trigger_exclusive_goal.set", "something of the first pair is left")
class KeepsTheLastShow(MemorySessions):
    def bind_trigger_exclusive_goal(self, session_id: str, claim: Claim, now: Any, *, viewer_id: str) -> Session | None:
        before = self._records[session_id].exclusive_goal_pairs.get(viewer_id)
        bound = super().bind_trigger_exclusive_goal(session_id, claim, now, viewer_id=viewer_id)
        if bound is None or before is None:
            return bound
        record = self._records[session_id]
        pairs = {**record.exclusive_goal_pairs, viewer_id: evolve(before, trigger_exclusive_goal=claim.goal_id)}
        return self._put(evolve(record, exclusive_goal_pairs=pairs))


@WRONG.breaks("bind_exclusive_goal.set", "found a slot")
class ShowsForAnyRequest(MemorySessions):
    def bind_exclusive_goal(self, session_id: str, claim: Claim, now: Any, *, viewer_id: str, **to: str) -> Any:
        pair = self._records[session_id].exclusive_goal_pairs.get(viewer_id)
        asked = pair.trigger_exclusive_goal if pair is not None else ""
        return super().bind_exclusive_goal(session_id, claim, now, viewer_id=viewer_id, trigger_exclusive_goal=asked)


def end_no_funding(right: Any, session_id: str, goal_id: str, *, ended: datetime) -> None:
    right(session_id, goal_id, ended=ended)
    if record := record_of(right, session_id):
        pairs = tuple(evolve(pair, funding_ended=None) for pair in record.show_goal_pairs)
        put_record(right, session_id, show_goal_pairs=pairs)


WRONG.add("end_embedded_goal.written", "an end is missing", end_embedded_goal=end_no_funding)
WRONG.add(
    "bind_karaoke_goal.set",
    "something of the first one is left",
    bind_karaoke_goal=lambda right, key, *of: right(key, *of) and karaoke(right, key, progress=7),
)
WRONG.add(
    "end_embedded_goal.once",
    "a second end replaced the first",
    end_embedded_goal=lambda right, key, goal, ended: (
        right(key, goal, ended=ended) or karaoke(right, key, goal_ended=ended)
    ),
)
WRONG.add("end_embedded_goal.inactive", "the goal was not ended", end_embedded_goal=active_only)
WRONG.add(
    "progress_karaoke_goal.grows",
    "progress went back",
    progress_karaoke_goal=lambda right, key, goal_id, progress: karaoke(right, key, progress=progress),
)
WRONG.add(
    "drop_exclusive_goal_pair.dropped",
    "changed another session or goal",
    drop_exclusive_goal_pair=lambda right, key, *of: put_record(right, key, exclusive_goal_pairs={}) and None,
)
