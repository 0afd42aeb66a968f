"""The use case as one function: the same checks in the same order on the same ports, and no part that has a name.

It leaves the trace of D28 as well, in the cheapest form that Python has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from show_goal.core.messages import Transfer
from show_goal.core.model import Invitation, Viewer
from show_goal.ports.clock import Clock
from show_goal.ports.sessions import Sessions
from show_goal.ports.task_queue import TaskQueue
from show_goal.ports.wallet import Wallet


class Inlined:
    """Joining alone: an invitation into a session without an ongoing goal is an error."""

    def __init__(
        self,
        sessions: Sessions,
        wallet: Wallet,
        task_queue: TaskQueue,
        clock: Clock,
        sink: Callable[[object], object],
    ) -> None:
        self._sink = sink
        self._sessions = sessions
        self._wallet = wallet
        self._task_queue = task_queue
        self._clock = clock

    def __call__(  # noqa: C901
        self, session_id: str, viewer: Viewer | None, invitation: Invitation
    ) -> tuple[str, str, int, datetime | None]:
        if viewer is None:
            raise PermissionError("not_logged_in")
        steps: list[object] = [("guard", "not_logged_in", "passed")]
        passed = steps.append
        now = self._clock.now()
        exp, duration = invitation.exp, invitation.duration
        if not 1 <= duration <= 21_600:
            raise ValueError("duration")
        if not now < datetime.fromtimestamp(exp, UTC) <= now + timedelta(hours=1):
            raise ValueError("exp")
        session = self._sessions.fetch_active(session_id)
        if session is None:
            raise LookupError("session_not_found")
        passed(("guard", "session_not_found", "passed"))
        streamer_id = session.streamer_id
        if viewer.id == streamer_id:
            raise PermissionError("own_session")
        passed(("guard", "own_session", "passed"))
        if f"blocked-by:{streamer_id}" in viewer.tags:
            raise PermissionError("blocked")
        passed(("guard", "blocked", "passed"))
        rate = session.pricing.get("sd")
        if rate is None:
            raise PermissionError("no_price")
        passed(("guard", "no_price", "passed"))
        amount = -(-rate * duration // 60)
        pair = session.show_goal_pair
        if pair is not None and (pair.funding_ended is None or (pair.show_goal and pair.show_ended is None)):
            raise PermissionError("show_running")
        passed(("guard", "show_running", "passed"))
        last, claim = session.trigger_private_goal, session.claim
        live = claim is not None and (claim.exp is None or claim.exp > now)
        if last is not None and last.goal_agreed is None:
            ended = last.goal_ended
            if ended is None and claim is not None and claim.goal_id == last.goal and not live:
                ended = claim.exp
            if ended is not None and ended + timedelta(seconds=60) > now:
                raise PermissionError("cooldown")
        passed(("guard", "cooldown", "passed"))
        if claim is None or not live:
            raise LookupError("no ongoing goal")
        transaction_id = f"session:trigger-private:{claim.goal_id}:{viewer.id}"
        statement = self._wallet.statement(viewer.id, transaction_id)
        hold = statement.hold
        if hold is not None and (hold.amount, hold.to_user_id) != (amount, streamer_id):
            raise PermissionError("transaction_conflict")
        passed(("guard", "transaction_conflict", "passed"))
        if hold is None and statement.available < amount:
            raise PermissionError("insufficient_balance")
        passed(("guard", "insufficient_balance", "passed"))
        if last is None or last.goal != claim.goal_id:
            raise LookupError("no ongoing goal")
        message = Transfer(
            goal_id=claim.goal_id,
            transaction_id=transaction_id,
            from_user_id=viewer.id,
            to_user_id=streamer_id,
            amount=amount,
            tags=[f"swag::livestream.session:{session.id}.trigger_private:{claim.goal_id}"],
            escrow_id=f"trigger_private:{claim.goal_id}",
            duration=duration,
        )
        self._task_queue.trigger(message)
        passed(("task", "transfer", "triggered", message))
        self._sink(("trigger_private_session", session_id, viewer.id, claim.goal_id, transaction_id, "done", steps))
        return claim.goal_id, transaction_id, amount, claim.exp
