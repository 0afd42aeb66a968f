"""Watches the slots of sessions for shows, karaoke and exclusive shows: who has a slot, and who may (L5, N1, N3).

A slot is a funding goal's pair, its show, the session's karaoke goal, or one viewer's exclusive request and show.
"""

from __future__ import annotations

from datetime import datetime

from ...core.model import Claim, Goal, Session, ShowGoalPair
from .records import GoalRecord, Records
from .watchers import EXISTS_FIRST

ONE = "a pair has one show, a session one karaoke goal, a viewer one exclusive request at a time (N1)"
FREE = "a goal gets its slot when the slot is free (N1)"
ENDED = "an end is written only of a goal that has ended (N2)"
HAS_SLOT = "a goal's context names a follower only when the follower has its slot (N1, N7)"
AGREED_STAYS = "the pair of an agreed request is not removed (N3)"

Slot = tuple[str, ...]
"""What it is, the session, and whose it is."""


class Slots:
    """Watches the sessions. Methods are named as in ``Watchers``."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._holders: dict[Slot, GoalRecord] = {}
        self._fundings: dict[str, list[GoalRecord]] = {}
        """The funding goals of each session, in their order."""

    def sessions_bind_show_funding_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime
    ) -> None:
        if self._bound(result, ("funding", session_id, claim.goal_id), claim, now, free=True):
            self._fundings.setdefault(session_id, []).append(self._records.goal(claim.goal_id))
        self._shows_changed(session_id)

    def sessions_bind_show_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime, *, funding_goal: str
    ) -> None:
        slot = ("show", session_id, funding_goal)
        free = ("funding", session_id, funding_goal) in self._holders and slot not in self._holders
        self._bound(result, slot, claim, now, free=free)
        self._shows_changed(session_id)

    def sessions_bind_karaoke_goal(self, result: Session | None, session_id: str, claim: Claim, now: datetime) -> None:
        holder = self._holders.get(("karaoke", session_id))
        self._bound(result, ("karaoke", session_id), claim, now, free=holder is None or holder.end_in_slot)

    def sessions_bind_trigger_exclusive_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime, *, viewer_id: str
    ) -> None:
        request, show = self._exclusive_pair(session_id, viewer_id)
        over = request is None or (request.end_in_slot and (show is None or show.end_in_slot))
        if self._bound(result, ("request", session_id, viewer_id), claim, now, free=over):
            self._empty(("exclusive", session_id, viewer_id))

    def sessions_bind_exclusive_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime, *, viewer_id: str, **follows: str
    ) -> None:
        request, show = self._exclusive_pair(session_id, viewer_id)
        free = request is not None and request.id == follows["trigger_exclusive_goal"] and show is None
        self._bound(result, ("exclusive", session_id, viewer_id), claim, now, free=free)

    def sessions_end_embedded_goal(self, result: None, session_id: str, goal_id: str, *, ended: datetime) -> None:
        goal = self._records.goal(goal_id)
        goal.end_in_session = True
        goal.end_in_slot = goal.has_slot
        if goal.ended is None:
            self._records.broken(ENDED, f"session {session_id} gets an end of goal {goal_id}, which has not ended")
        self._shows_changed(session_id)

    def sessions_drop_exclusive_goal_pair(self, result: None, session_id: str, viewer_id: str, goal_id: str) -> None:
        request, show = self._exclusive_pair(session_id, viewer_id)
        if request is None or request.id != goal_id or show is not None:
            return
        if request.ended is None or request.agreed:
            self._records.broken(AGREED_STAYS, f"the pair of goal {goal_id} is removed, agreed {request.agreed}")
        self._empty(("request", session_id, viewer_id))

    def goals_link(self, result: Goal | None, goal_id: str, name: str, other: str) -> None:
        if not self._records.goal(other).bound:
            self._records.broken(HAS_SLOT, f"goal {goal_id} names {other}, which has no slot")
        if result is not None:
            self._records.goal(goal_id).followed.note(self._records.calls.made, True)

    def pair(self, session_id: str) -> ShowGoalPair | None:
        """The last pair that the session should have."""
        if not self._fundings.get(session_id):
            return None
        funding = self._fundings[session_id][-1]
        show = self._holders.get(("show", session_id, funding.id))
        return ShowGoalPair(
            funding_goal=funding.id,
            funding_ended=_end_in_slot(funding),
            show_goal=None if show is None else show.id,
            show_ended=None if show is None else _end_in_slot(show),
        )

    def _bound(self, result: Session | None, slot: Slot, claim: Claim, now: datetime, *, free: bool) -> bool:
        """Whether this call gave the goal its slot."""
        goal, holder = self._records.goal(claim.goal_id), self._holders.get(slot)
        if result is None:
            if self._records.sessions[slot[1]].active and (holder is goal or (free and claim.live(now))):
                self._records.broken(FREE, f"goal {goal.id} does not get its slot {slot}")
            return False
        if not goal.inserted:
            self._records.broken(EXISTS_FIRST, f"goal {goal.id} is bound as {slot} and does not exist")
        if holder is goal:
            return False
        if not free:
            self._records.broken(ONE, f"goal {goal.id} is bound as {slot}, which {holder and holder.id} has")
        self._empty(slot)
        self._holders[slot] = goal
        goal.created = False  # what follows from the slot is still to be done
        goal.bound, goal.has_slot, goal.bound_at = True, True, self._records.calls.made
        return True

    def _empty(self, slot: Slot) -> None:
        goal = self._holders.pop(slot, None)
        if goal is not None:
            goal.has_slot = False

    def _exclusive_pair(self, session_id: str, viewer_id: str) -> tuple[GoalRecord | None, GoalRecord | None]:
        pair = (session_id, viewer_id)
        return self._holders.get(("request", *pair)), self._holders.get(("exclusive", *pair))

    def _shows_changed(self, session_id: str) -> None:
        pair = self.pair(session_id)
        self._records.sessions[session_id].running.note(self._records.calls.made, pair is not None and pair.running)


def _end_in_slot(goal: GoalRecord) -> datetime | None:
    return goal.ended.exp if goal.end_in_slot and goal.ended is not None else None
