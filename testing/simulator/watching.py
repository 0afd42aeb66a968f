"""Watches goals and sessions: what stands, and whether it came to stand as it may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...core.model import Claim, Goal, Session, Settlement, ViewerPass
from ...core.names import KARAOKE_GOAL
from ...ports.sessions import PresetSwitch
from .invariants import EARN_BY_WHAT_FOLLOWS
from .records import GoalRecord, Records

ENDS_ONCE = "a goal ends once (D26)"
DECIDED_ONCE = "what becomes of an escrow is decided once (L3)"
DECIDED_RIGHTLY = "released when agreed and showing on sd, refunded otherwise (L3)"
EARNED_RIGHTLY = "released when the streamer has earned it, refunded otherwise (N7)"
EXISTS_FIRST = "what is bound exists (D24)"


class Watch:
    """Watches goals and sessions."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def sessions_claim(self, result: Claim | None, session_id: str, claim: Claim, now: datetime) -> None:
        if result is not None:
            record = self._records.goal(result.goal_id)
            record.session_id, record.exp = session_id, result.exp

    def goals_insert(self, result: Goal, goal: Goal) -> None:
        record = self._records.goal(goal.id)
        record.inserted = True
        record.session_id, record.exp = result.session_id, record.exp or result.exp
        if record.ended is not None and result.active:
            self._records.broken(ENDS_ONCE, f"goal {goal.id} had ended and is active again")

    def goals_end(self, result: Goal | None, goal_id: str, now: datetime, **_: object) -> None:
        if result is None or result.active:
            return
        record = self._records.goal(goal_id)
        if record.ended is None:
            record.ended, record.exp, record.ended_at = result, record.exp or result.exp, self._records.calls.made
            record.ended_by = self._records.frame
        elif _end_of(result) != _end_of(record.ended):
            self._records.broken(
                ENDS_ONCE, f"goal {goal_id} ended as {_end_of(record.ended)}, and again as {_end_of(result)}"
            )

    def goals_decide(self, result: Goal | None, goal_id: str, settlement: Settlement) -> None:
        if result is None:
            return
        record = self._records.goal(goal_id)
        if record.decided is None:
            record.decided, record.decided_at = result.settlement, self._records.calls.made
            self._decided_rightly(record)
        elif result.settlement is not record.decided:
            self._records.broken(
                DECIDED_ONCE, f"goal {goal_id} was decided {record.decided}, and is {result.settlement}"
            )

    def goals_mark_settled(self, result: None, goal_id: str) -> None:
        self._records.goal(goal_id).settled = True

    def sessions_bind_trigger_private_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime
    ) -> None:
        if result is None:
            return
        record = self._records.goal(claim.goal_id)
        record.bound = True
        if not record.inserted:
            self._records.broken(EXISTS_FIRST, f"goal {record.id} is bound to session {session_id} and does not exist")

    def sessions_end_trigger_private_goal(self, result: None, session_id: str, goal_id: str, **_: object) -> None:
        self._records.goal(goal_id).element_ended = True

    def sessions_admit_viewers(self, result: None, session_id: str, viewers: Mapping[str, ViewerPass]) -> None:
        if session_id in self._records.sessions:
            self._records.sessions[session_id].admitted.update(viewers)

    def sessions_switch_preset(self, result: PresetSwitch | None, streamer_id: str, preset: str) -> None:
        if result is not None:
            record = self._records.sessions[result.session.id]
            record.preset = preset
            record.note(self._records.calls.made)

    def _decided_rightly(self, goal: GoalRecord) -> None:
        """The task may look at goal and session at any time between its beginning and the decision."""
        frame, session = self._records.frame, self._records.sessions.get(goal.session_id or "")
        if frame is None or session is None:
            return
        fit = session.showing if goal.private else session.live
        might = {earned and was for earned in _earned(goal, frame.started) for was in fit.since(frame.started)}
        if (goal.decided is Settlement.RELEASED) not in might:
            self._records.broken(
                DECIDED_RIGHTLY if goal.private else EARNED_RIGHTLY,
                f"{goal._cls} {goal.id}, agreed {goal.agreed}, is {goal.decided}; session {session.id} was "
                f"{'active' if session.active else 'over'}, on {session.preset}",
            )


def _earned(goal: GoalRecord, call: int) -> set[bool]:
    """Whether the streamer had earned it, at any time from that call on (L3, N7)."""
    if goal._cls in EARN_BY_WHAT_FOLLOWS:
        return goal.followed.since(call)
    return {goal.agreed and goal._cls != KARAOKE_GOAL}


def _end_of(goal: Goal) -> tuple[object, ...]:
    return goal.exp, goal.agreed, goal.metadata.get("cooldown")
