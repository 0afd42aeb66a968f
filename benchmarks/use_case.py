"""The use case by itself, on the adapters in memory, beside the same checks written as one function."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import thread_time

from attrs import frozen

from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemoryClock, MemorySessions, MemoryTaskQueue, MemoryWallet
from show_goal.core.messages import Transfer
from show_goal.core.model import Claim, Invitation, Session, Viewer
from show_goal.core.money import Pledge
from show_goal.ports.clock import Clock
from show_goal.ports.pledges import Pledges
from show_goal.ports.sessions import Sessions
from show_goal.ports.task_queue import TaskQueue

from .platform import DURATION, RATE

SESSION, GOAL, STREAMER, VIEWER = (f"{number:024x}" for number in range(1, 5))
CALLS = 2_000
TURNS = 15

Call = Callable[[], object]


@frozen
class Alone:
    """``ratio``: median over the turns. Bytes: what one call has allocated at its peak."""

    use_case_us: float
    inlined_us: float
    ratio: float
    use_case_bytes: int
    inlined_bytes: int


def measure() -> Alone:
    clock, sessions, wallet = MemoryClock(), MemorySessions(), MemoryWallet()
    task_queue = MemoryTaskQueue(clock)
    container = Container.in_memory(
        clock=clock, sessions=sessions, wallet=wallet, task_queue=task_queue, trace_sink=_forget, observer=None
    )
    now = clock.now()
    session = Session(
        id=SESSION,
        streamer_id=STREAMER,
        pricing={"sd": RATE},
        claim=Claim(goal_id=GOAL, exp=now + timedelta(hours=1)),
        trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL),
    )
    sessions.add(session)
    wallet.credit(VIEWER, 10**9)
    viewer, invitation = Viewer(id=VIEWER), Invitation(exp=int(now.timestamp()) + 600, duration=DURATION)
    trigger, inlined = container.trigger_private_session(), Inlined(sessions, wallet, task_queue, clock, _forget)
    calls: tuple[Call, Call] = (
        lambda: trigger(SESSION, viewer, invitation),
        lambda: inlined(SESSION, viewer, invitation),
    )
    turns = []
    for _ in range(TURNS + 1):
        turns.append([_microseconds(call) for call in calls])
        task_queue.purge()
    use_case_us, inlined_us = (median(turn) for turn in zip(*turns[1:], strict=True))
    ratio = median(ours / theirs for ours, theirs in turns[1:])
    use_case_bytes, inlined_bytes = map(_peak, calls)
    return Alone(use_case_us, inlined_us, ratio, use_case_bytes, inlined_bytes)


def _forget(_: object) -> None:
    """A trace that nobody reads."""


def _microseconds(call: Call) -> float:
    gc.collect()
    began = thread_time()
    for _ in range(CALLS):
        call()
    return (thread_time() - began) / CALLS * 1_000_000


def _peak(call: Call) -> int:
    tracemalloc.start()
    call()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - before


@frozen
class Inlined:
    """The use case as one function: the same checks in the same order on the same ports, without a name for any part.

    It can only join an ongoing goal. It leaves the trace of D28 in the cheapest form that Python has.
    """

    _sessions: Sessions
    _wallet: Pledges
    _task_queue: TaskQueue
    _clock: Clock
    _sink: Callable[[object], object]

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
        self._task_queue.require_room()
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
        pledge = Pledge(amount=amount, duration=duration, exp=claim.exp or datetime.fromtimestamp(exp, UTC))
        statement = self._wallet.pledge(viewer.id, transaction_id, pledge, now)
        hold, pledged = statement.hold, statement.pledge
        if hold is not None and (hold.amount, hold.to_user_id) != (amount, streamer_id):
            raise PermissionError("transaction_conflict")
        if pledged is not None and (pledged.amount, pledged.duration) != (amount, duration):
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
