"""Adapters that each break a promise, and what the suite should say of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Condition, Lock, RLock, current_thread, main_thread
from typing import Any, ParamSpec, TypeVar

from attrs import field, frozen

from show_goal.testing.conformance.races import CALLERS

A = TypeVar("A", bound=type)
T = TypeVar("T")
P = ParamSpec("P")
_ALONE = RLock()


@frozen
class Wrong:
    """``adapter`` breaks ``promise``, and the failure ``says`` how. ``also``: what cannot but break with it."""

    adapter: type[Any]
    promise: str
    says: str
    also: frozenset[str] = field(default=frozenset())

    def __str__(self) -> str:
        return self.adapter.__name__


class WrongAdapters(list[Wrong]):
    def breaks(self, promise: str, says: str, *also: str) -> Callable[[A], A]:
        def enter(adapter: A) -> A:
            self.append(Wrong(adapter, promise, says, frozenset(also)))
            return adapter

        return enter


def racing() -> bool:
    """Whether this is one of many callers at the same moment: the suites race in threads of their own."""
    return current_thread() is not main_thread()


def alone(method: Callable[P, T]) -> Callable[P, T]:
    """Those who race do this one after the other.

    For what is wrong in several steps, but not for being interrupted: what it breaks must not depend on the scheduler.
    """

    @wraps(method)
    def whole(*args: P.args, **kwargs: P.kwargs) -> T:
        with _ALONE:
            return method(*args, **kwargs)

    return whole


class Gap:
    """What lies between a check and its act: of those who race, nobody acts before all have checked.

    So they all act on what was, however the threads are scheduled. ``with`` the gap they act one after the other.
    Whoever does not race, and so is the main thread, passes.
    """

    def __init__(self) -> None:
        self._callers = 0
        self._arrived = Condition()
        self._act = Lock()

    def wait(self) -> None:
        if not racing():
            return
        with self._arrived:
            self._callers += 1
            self._arrived.notify_all()
            complete = -(-self._callers // CALLERS) * CALLERS
            arrived = self._arrived.wait_for(lambda: self._callers >= complete, timeout=10)
            assert arrived, f"{CALLERS} race, or a multiple of it, but {self._callers} came"

    def __enter__(self) -> None:
        self.wait()
        self._act.acquire()

    def __exit__(self, *error: object) -> None:
        self._act.release()
