"""A sweep and an audit read a store in memory while other threads write to it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest

from show_goal.adapters.memory import MemoryGoals, MemorySessions, MemoryWallet
from tests.builders import NOW, VIEWER, a_goal, a_hold, a_session

T = TypeVar("T")
WRITES = 2_000


@pytest.fixture(autouse=True)
def threads_switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def read_while_written(read: Callable[[], T], write: Callable[[str], object], writes: int = WRITES) -> list[T]:
    """What ``read`` returns, again and again until everything is written."""
    answers: list[T] = []
    with ThreadPoolExecutor(1) as other:
        written = other.submit(lambda: [write(f"{number:024x}") for number in range(writes)])
        while not written.done():
            answers.append(read())
        written.result()
    return answers


def test_goals_are_read_while_another_thread_writes() -> None:
    goals = MemoryGoals()

    def write(goal_id: str) -> None:
        goals.insert(a_goal(id=goal_id, conditions={"session_id": goal_id}))

    assert read_while_written(lambda: (goals.overdue(NOW, 1), goals.unsettled(NOW, 1)), write)


def test_sessions_are_read_while_another_thread_writes() -> None:
    sessions = MemorySessions()

    def write(session_id: str) -> None:
        sessions.add(a_session(id=session_id))

    assert read_while_written(lambda: sessions.unbound(NOW, 1), write, writes=20_000)


def test_wallet_adds_up_while_another_thread_holds_money() -> None:
    wallet = MemoryWallet()
    wallet.credit(VIEWER, 10 * WRITES)

    audits = read_while_written(
        lambda: wallet.audit(NOW - timedelta(days=1)),
        lambda goal_id: wallet.hold(a_hold(goal_id, amount=10)),
        writes=1_000,
    )

    assert {tuple(audit.problems) for audit in audits} == {()}
