"""Requests without side effects: what an invitation would get now, and a goal with its state."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.sessions import Sessions
from ...ports.wallet import Wallet
from .. import names
from ..errors import (
    Blocked,
    GoalNotFound,
    InvalidInvitation,
    NotLoggedIn,
    Refused,
    RuleFailed,
    SessionNotFound,
    TooEarly,
)
from ..model import Claim, Goal, Viewer
from ..money import Hold, HoldState
from ..rules.invitation import duration_error
from ..rules.settlement import Verdict, name_of
from ..rules.states import GoalState, state_of
from ..settings import Settings
from ..showing import Showing
from ..trace import Tracer, current, require
from .admission import Admission


@frozen(kw_only=True)
class Preview:
    """What an invitation would get. ``refusal`` is None if it would be accepted, at ``amount``.

    ``ongoing`` is None for a viewer who is blocked, or where there is no price: such a viewer sees nothing (D10).
    """

    amount: int | None
    refusal: Refused | None
    retry_at: datetime | None
    ongoing: Claim | None


@frozen(kw_only=True)
class PreviewTriggerPrivate:
    sessions: Sessions
    admission: Admission
    clock: Clock
    settings: Settings
    tracer: Tracer

    def __call__(self, session_id: str, viewer: Viewer | None, duration: int) -> Preview:
        """Check every guard for ``duration`` seconds. Changes nothing.

        Raises NotLoggedIn, InvalidInvitation, SessionNotFound and Unavailable. Any other refusal is in the result.
        """
        ids = {"session_id": session_id, "viewer_id": viewer.id if viewer else None}
        with self.tracer.unit("preview_trigger_private", **ids):
            viewer = require(viewer, NotLoggedIn)
            if wrong := duration_error(duration, self.settings):
                raise InvalidInvitation({"duration": wrong})
            now = self.clock.now()
            session = require(self.sessions.fetch_active(session_id), SessionNotFound)
            ongoing = session.ongoing_private_goal(now)
            try:
                amount = self.admission.check(viewer, session, ongoing, duration, now).amount
            except Refused as refusal:
                retry_at = refusal.retry_at if isinstance(refusal, TooEarly) else None
                seen = None if refusal.code == Blocked.code else ongoing
                return Preview(amount=None, refusal=refusal, retry_at=retry_at, ongoing=seen)
            return Preview(amount=amount, refusal=None, retry_at=None, ongoing=ongoing)


@frozen(kw_only=True)
class GoalView:
    """A goal, for its streamer or one of its payers; ``hold`` is the asker's own.

    ``show`` is what the asker's show has come to, while it goes on and its time is metered. None, too, if the host's
    settlement rule fails: the log says so.
    """

    goal: Goal
    state: GoalState
    hold: Hold | None
    show: Verdict | None


@frozen(kw_only=True)
class ViewGoal:
    goals: Goals
    sessions: Sessions
    wallet: Wallet
    showing: Showing
    tracer: Tracer

    def __call__(self, goal_id: str, asker: Viewer | None) -> GoalView:
        """Return the goal, for its streamer and its payers. Raises NotLoggedIn; GoalNotFound for everybody else."""
        ids = {"goal_id": goal_id, "asker_id": asker.id if asker else None}
        with self.tracer.unit("view_goal", **ids):
            asker = require(asker, NotLoggedIn)
            goal = require(self.goals.get(goal_id), GoalNotFound)
            hold = self.wallet.find(names.transaction_id(goal.id, asker.id))
            if hold is None and goal.streamer_id != asker.id:
                raise GoalNotFound(f"{asker.id} has no part in goal {goal.id}")
            return GoalView(goal=goal, state=state_of(goal), hold=hold, show=self._show(goal, hold))

    def _show(self, goal: Goal, hold: Hold | None) -> Verdict | None:
        if hold is None or hold.state is not HoldState.HELD:  # an operator has refunded it
            return None
        if state_of(goal) is not GoalState.SHOWING or not self.showing.metered(goal):
            return None
        session = self.sessions.fetch(goal.session_id or "")
        try:
            return self.showing.so_far(goal, hold, session)
        except RuleFailed as error:
            current().left_out("rule", name_of(self.showing.rule), error)
            return None
