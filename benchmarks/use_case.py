"""The use case alone, on the adapters in memory and unobserved, beside the same checks inlined by hand."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from time import thread_time

from attrs import frozen

from show_goal.adapters.container import Container, Ports
from show_goal.adapters.memory import MemoryClock, MemorySessions, MemoryTaskQueue, MemoryWallet
from show_goal.core.model import Claim, Invitation, Session, Viewer

from .inlined import Inlined
from .population import DURATION, RATE

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
    use_case, inlined, purge = _calls()
    turns = []
    for _ in range(TURNS + 1):
        turns.append((_microseconds(use_case), _microseconds(inlined)))
        purge()
    return Alone(
        use_case_us=median(ours for ours, _ in turns[1:]),
        inlined_us=median(theirs for _, theirs in turns[1:]),
        ratio=median(ours / theirs for ours, theirs in turns[1:]),
        use_case_bytes=_peak(use_case),
        inlined_bytes=_peak(inlined),
    )


def _calls() -> tuple[Call, Call, Call]:
    """The use case, its inlined double, and what is to be done in between."""
    clock, sessions, wallet = MemoryClock(), MemorySessions(), MemoryWallet()
    task_queue = MemoryTaskQueue(clock)
    ports: Ports = {"clock": clock, "sessions": sessions, "wallet": wallet, "task_queue": task_queue}
    container = Container.in_memory(**(ports | {"trace_sink": _forget, "observer": None}))
    now = clock.now()
    claim = Claim(goal_id=GOAL, exp=now + timedelta(hours=1))
    session = Session(
        id=SESSION,
        streamer_id=STREAMER,
        pricing={"sd": RATE},
        claim=claim,
        trigger_private_goal=Session.TriggerPrivateGoal(goal=GOAL),
    )
    sessions.add(session)
    wallet.credit(VIEWER, 10**9)
    viewer = Viewer(id=VIEWER)
    invitation = Invitation(exp=int(now.timestamp()) + 600, duration=DURATION)
    use_case = container.trigger_private_session()
    inlined = Inlined(sessions, wallet, task_queue, clock, _forget)
    return (
        lambda: use_case(SESSION, viewer, invitation),
        lambda: inlined(SESSION, viewer, invitation),
        task_queue.purge,
    )


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
