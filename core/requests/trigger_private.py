"""A viewer invites the streamer to a private show: the seed's ``trigger_private_session``, line by line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from attrs import frozen

from ...ports.clock import Clock
from ...ports.errors import Unavailable
from ...ports.goals import Goals
from ...ports.ids import Ids
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ..errors import InvalidInvitation, NotLoggedIn, SessionNotFound
from ..keyed_request import Accepted as Accepted
from ..messages import DeactivateGoal, Transfer
from ..model import Claim, Invitation, Session, Viewer
from ..names import transaction_id
from ..rules.invitation import KEY_HEADER, check_invitation, key_error, no_time_to_answer
from ..rules.private_goal import create_goal_message, may_renew, transfer_message
from ..settings import Settings
from ..trace import Tracer, note, require
from .admission import Admission, Admitted
from .once import Note, Once


@frozen(kw_only=True)
class TriggerPrivateSession:
    """Check the rules, take the session, trigger the tasks. Waits for no worker (D1)."""

    sessions: Sessions
    goals: Goals
    admission: Admission
    once: Once
    task_queue: TaskQueue
    clock: Clock
    ids: Ids
    settings: Settings
    tracer: Tracer

    def __call__(
        self, session_id: str, viewer: Viewer | None, invitation: Invitation, key: str | None = None
    ) -> Accepted:
        """Invite the streamer of the session to a private show, or join the ongoing invitation.

        Safe to repeat: a repeat by the same viewer has the same transaction id and is charged once (D15). Raises a
        Refused of :mod:`show_goal.core.errors`; then nothing has changed. Raises TaskQueueFull when the workers are
        too far behind; then nothing has changed either. Raises Unavailable when a store or the broker does not answer;
        then at most the session is claimed, and the same request succeeds later (D27).

        With a ``key`` (the header ``Idempotency-Key``), a repeat within 24 h gets the first answer again, whatever has
        happened since (D29).
        """
        viewer_id = viewer.id if viewer else None
        with self.tracer.unit("trigger_private_session", session_id=session_id, viewer_id=viewer_id):
            viewer = require(viewer, NotLoggedIn)
            now = self.clock.now()
            act = partial(self._trigger_if_there_is_room, session_id, viewer, invitation, now)
            if key is None:
                return act(_notes_nothing)
            if wrong := key_error(key):
                raise InvalidInvitation({KEY_HEADER: wrong})
            return self.once(key, session_id, viewer.id, invitation, now, act)

    def _trigger_if_there_is_room(
        self, session_id: str, viewer: Viewer, invitation: Invitation, now: datetime, tries: Note
    ) -> Accepted:
        exp = check_invitation(invitation, now, self.settings)
        self.task_queue.require_room()  # before it costs the store anything: what is accepted must be held in time
        return self._trigger_private_session(session_id, viewer, invitation, exp, now, tries)

    def _trigger_private_session(
        self,
        session_id: str,
        viewer: Viewer,
        invitation: Invitation,
        exp: datetime,
        now: datetime,
        tries: Note,
    ) -> Accepted:
        duration = invitation.duration
        # fetch active session by id
        session = require(self.sessions.fetch_active(session_id), SessionNotFound)
        if answered := self._agreed_since(session, viewer, invitation):
            return answered

        # IF any of following -> FORBIDDEN; cooldown -> LivestreamTriggerQuotaExceeded; balance < price -> FORBIDDEN
        ongoing = session.ongoing_private_goal(now)
        too_late = no_time_to_answer(exp, now, self.settings)
        until = None if too_late else exp
        admitted = self.admission.check(viewer, session, ongoing, duration, now, invitation.amount, until)
        if too_late and not admitted.paid and not (ongoing and ongoing.set_by(viewer.id, exp)):
            raise too_late  # only a repeat needs no time any more

        # Fetch goal_id: the ongoing Goal's, ELSE: Trigger Task `create_goal`
        claim = ongoing
        if claim is None:
            claim, ours = self._claim(session, viewer.id, exp, duration, admitted.amount, now)
            if not ours:  # join it
                admitted = self.admission.check(viewer, session, claim, duration, now, invitation.amount, until)

        # Trigger Task `transfer`
        transfer = transfer_message(
            claim,
            session,
            viewer.id,
            amount=admitted.amount,
            duration=duration,
            tag_prefix=self.settings.tag_prefix,
            exp=invitation.exp,
        )
        accepted = Accepted(
            goal_id=claim.goal_id, transaction_id=transfer.transaction_id, amount=admitted.amount, exp=claim.exp
        )
        if not admitted.paid:  # a hold that stands has had its tasks (D14)
            self._publish(transfer, admitted, session, ongoing, now, partial(tries, accepted))

        # return accepted
        note(goal_id=claim.goal_id, transaction_id=transfer.transaction_id)
        return accepted

    def _publish(
        self,
        transfer: Transfer,
        admitted: Admitted,
        session: Session,
        ongoing: Claim | None,
        now: datetime,
        tries: Callable[[], None],
    ) -> None:
        """If it fails, the viewer gets no 202, and may ask for something else (D30)."""
        try:
            tries()
            if ongoing is not None:
                self._renew(ongoing, session, transfer, now)
            self.task_queue.trigger(transfer)
        except Exception:
            if admitted.pledged:
                with suppress(Unavailable):  # then the pledge stays until its exp
                    self.admission.pledges.take_back(transfer.from_user_id, transfer.transaction_id)
            raise

    def _agreed_since(self, session: Session, viewer: Viewer, invitation: Invitation) -> Accepted | None:
        """The first answer to this very invitation, if its goal has been agreed to since (D29)."""
        last = session.trigger_private_goal
        if last is None or last.goal_agreed is None:
            return None
        if invitation.exp > (last.goal_agreed + self.settings.max_ttl).timestamp():  # asked for afterwards
            return None
        hold = self.admission.wallet.find(transaction_id(last.goal, viewer.id))
        if hold is None or not hold.placed_for(invitation):
            return None
        note(goal_id=hold.goal_id, transaction_id=hold.transaction_id)
        return Accepted(goal_id=hold.goal_id, transaction_id=hold.transaction_id, amount=hold.amount, exp=hold.exp)

    def _claim(
        self, session: Session, viewer_id: str, exp: datetime, duration: int, amount: int, now: datetime
    ) -> tuple[Claim, bool]:
        """Claim the session for a new goal, and create it. False if another request's claim came first (D2)."""
        unclaimed = self._unclaimed_goal(session, now)
        ours = unclaimed or Claim(
            goal_id=self.ids.new(),
            exp=exp,
            triggered_by=viewer_id,
            prepaid_duration=duration,
            amount=amount,
            since=now,
        )
        claim = self.sessions.claim(session.id, ours, now)
        if claim is None:
            raise SessionNotFound(f"session {session.id} ended while the request was checked")
        if unclaimed is not None:
            self._unclaimed_goal(session, now)  # it may have ended before we claimed for it: end it again
        elif claim.goal_id == ours.goal_id:
            self.task_queue.trigger(create_goal_message(claim, session, viewer_id, duration))
            return claim, True
        return claim, False

    def _renew(self, claim: Claim, session: Session, transfer: Transfer, now: datetime) -> None:
        """Trigger ``create_goal`` once more if the first one seems lost. After that, the sweeper does (D26)."""
        if not may_renew(claim, session, now) or not self.sessions.renew_claim(session.id, claim.goal_id):
            return
        try:
            self.task_queue.trigger(create_goal_message(claim, session, transfer.from_user_id, transfer.duration))
        except Unavailable:
            self.sessions.renew_claim(session.id, claim.goal_id, renewed=False)  # the next request tries again
            raise

    def _unclaimed_goal(self, session: Session, now: datetime) -> Claim | None:
        """A bound goal that has not ended but has no live claim.

        If it is still ongoing, it was bound before this library kept claims: return a claim for it. If its exp has
        passed, its timer is late: trigger the task that ends it, where failing receivers are retried (D2).
        """
        last = session.trigger_private_goal
        if last is None or last.goal_ended is not None:
            return None
        goal = self.goals.get(last.goal)
        if goal is not None and goal.active and not goal.expired(now):
            return Claim(goal_id=goal.id, exp=goal.exp)
        self.task_queue.trigger(DeactivateGoal(goal_id=last.goal))
        return None


def _notes_nothing(_: Accepted) -> None:
    """Without a key, nobody asks later."""
