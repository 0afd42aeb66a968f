"""Adapters that each break a promise, and what the suite should say of them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Lock, current_thread, main_thread
from typing import Any, TypeVar

from attrs import field, frozen

from show_goal.ports.conformance.races import CALLERS

A = TypeVar("A", bound=type)


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
        if current_thread() is main_thread():
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


class NoLock:
    """In place of an adapter's lock: nothing is atomic any more."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass
