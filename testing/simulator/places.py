"""Watches where sessions keep shows, karaoke and exclusive shows: who has a place, and whose it may be (L5, N1, N3)."""

from __future__ import annotations

from datetime import datetime

from ...core.model import Claim, Goal, Session, ShowGoalPair
from .records import GoalRecord, Records
from .watching import EXISTS_FIRST

ONE = "a pair has one show, a session one karaoke goal and a viewer one exclusive request that goes on (N1)"
FREE = "whoever finds their place free has it (N1)"
ENDED = "what is said to have ended has ended (N2)"
HAS_PLACE = "a goal that is followed names what has its place (N1, N7)"
AGREED_WAITS = "a request that was agreed to keeps its pair (N3)"

Place = tuple[str, ...]


class Places:
    """Watches the sessions. A place is known by what it is, its session, and whose it is."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._holders: dict[Place, GoalRecord] = {}
        self._pairs: dict[str, list[GoalRecord]] = {}
        """The funding goals of each session, in their order."""

    def sessions_bind_show_funding_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime
    ) -> None:
        if self._bound(result, ("funding", session_id, claim.goal_id), claim, now, free=True):
            self._pairs.setdefault(session_id, []).append(self._records.goal(claim.goal_id))
        self._shows_changed(session_id)

    def sessions_bind_show_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime, *, funding_goal: str
    ) -> None:
        place = ("show", session_id, funding_goal)
        free = ("funding", session_id, funding_goal) in self._holders and place not in self._holders
        self._bound(result, place, claim, now, free=free)
        self._shows_changed(session_id)

    def sessions_bind_karaoke_goal(self, result: Session | None, session_id: str, claim: Claim, now: datetime) -> None:
        standing = self._holders.get(("karaoke", session_id))
        self._bound(result, ("karaoke", session_id), claim, now, free=standing is None or standing.marked)

    def sessions_bind_trigger_exclusive_goal(
        self, result: Session | None, session_id: str, claim: Claim, now: datetime, *, viewer_id: str
    ) -> None:
        request, exclusive = self._pair_of(session_id, viewer_id)
        over = request is None or (request.marked and (exclusive is None or exclusive.marked))
        if self._bound(result, ("request", session_id, viewer_id), claim, now, free=over):
            self._leaves(("exclusive", session_id, viewer_id))

    def sessions_bind_exclusive_goal(
        self,
        result: Session | None,
        session_id: str,
        claim: Claim,
        now: datetime,
        *,
        viewer_id: str,
        trigger_exclusive_goal: str,
    ) -> None:
        request, exclusive = self._pair_of(session_id, viewer_id)
        free = request is not None and request.id == trigger_exclusive_goal and exclusive is None
        self._bound(result, ("exclusive", session_id, viewer_id), claim, now, free=free)

    def sessions_end_embedded_goal(self, result: None, session_id: str, goal_id: str, *, ended: datetime) -> None:
        goal = self._records.goal(goal_id)
        goal.element_ended = True
        goal.marked = goal.stands
        if goal.ended is None:
            self._records.broken(ENDED, f"session {session_id} is told of an end, goal {goal_id} has not ended")
        self._shows_changed(session_id)

    def sessions_drop_exclusive_goal_pair(self, result: None, session_id: str, viewer_id: str, goal_id: str) -> None:
        request, exclusive = self._pair_of(session_id, viewer_id)
        if request is None or request.id != goal_id or exclusive is not None:
            return
        if request.ended is None or request.agreed:
            self._records.broken(AGREED_WAITS, f"the pair of goal {goal_id} is dropped, agreed {request.agreed}")
        self._leaves(("request", session_id, viewer_id))

    def goals_link(self, result: Goal | None, goal_id: str, name: str, other: str) -> None:
        if not self._records.goal(other).bound:
            self._records.broken(HAS_PLACE, f"goal {goal_id} names {other}, which has no place")
        if result is not None:
            self._records.goal(goal_id).followed.note(self._records.calls.made, True)

    def pair(self, session_id: str) -> ShowGoalPair | None:
        """The last pair of the session as it should stand; when something ended is of no concern here."""
        if not self._pairs.get(session_id):
            return None
        funding = self._pairs[session_id][-1]
        show = self._holders.get(("show", session_id, funding.id))
        return ShowGoalPair(
            funding_goal=funding.id,
            funding_ended=_ended(funding),
            show_goal=None if show is None else show.id,
            show_ended=None if show is None else _ended(show),
        )

    def _bound(self, result: Session | None, place: Place, claim: Claim, now: datetime, *, free: bool) -> bool:
        """Whether the goal has come to its place by this call."""
        goal, standing = self._records.goal(claim.goal_id), self._holders.get(place)
        if result is None:
            if self._records.sessions[place[1]].active and (standing is goal or (free and claim.live(now))):
                self._records.broken(FREE, f"goal {goal.id} finds no place as {place}")
            return False
        if not goal.inserted:
            self._records.broken(EXISTS_FIRST, f"goal {goal.id} is bound as {place} and does not exist")
        if standing is goal:
            return False
        if not free:
            self._records.broken(ONE, f"goal {goal.id} is bound as {place} although {standing and standing.id} is")
        self._leaves(place)
        self._holders[place] = goal
        goal.created = False  # what follows from its place is still to be done
        goal.bound, goal.stands, goal.bound_at = True, True, self._records.calls.made
        return True

    def _leaves(self, place: Place) -> None:
        goal = self._holders.pop(place, None)
        if goal is not None:
            goal.stands = False

    def _pair_of(self, session_id: str, viewer_id: str) -> tuple[GoalRecord | None, GoalRecord | None]:
        pair = (session_id, viewer_id)
        return self._holders.get(("request", *pair)), self._holders.get(("exclusive", *pair))

    def _shows_changed(self, session_id: str) -> None:
        pair = self.pair(session_id)
        self._records.sessions[session_id].running.note(self._records.calls.made, pair is not None and pair.running)


def _ended(goal: GoalRecord) -> datetime | None:
    return goal.ended.exp if goal.marked and goal.ended is not None else None
