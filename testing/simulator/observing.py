"""What only observes, made to raise, to hang and to exit while money moves (D44)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from blinker import Namespace

from ...adapters.logs import log_trace
from ...core import names
from ...core.errors import OutOfTime
from ...core.trace import Trace
from .faults import Bug, Calls
from .plan import BEFORE_ANYTHING, How, Part, Watching

T = TypeVar("T")

TIME_LIMIT = timedelta(seconds=4)
"""How long a task may run. What interrupts it is no Exception."""

OVER = (OutOfTime, SystemExit)
"""How a request or a task is over at once. Nothing may catch it."""

PORTS: Mapping[Part, tuple[str, str]] = {
    Part.STATISTICS: ("tracker", "track"),
    Part.FEED: ("feed", "publish"),
    Part.CHANNELS: ("notifier", "notify"),
    Part.CACHES: ("channel_cache", "invalidate"),
    Part.RECORD: ("sweeps", "record"),
    Part.LAST_RECORD: ("sweeps", "last"),
}
"""The call of a port that each of these is."""

RECEIVERS: Mapping[Part, tuple[str, str]] = {
    Part.ON_GOAL_CREATED: (names.FEATURES_LEADERBOARDS, names.GOAL_CREATED),
    Part.ON_GOAL_ADDED: (names.FEATURES_LEADERBOARDS, names.GOAL_ADDED),
    Part.ON_GOAL_PROGRESSED: (names.FEATURES_LEADERBOARDS, names.GOAL_PROGRESSED),
    Part.ON_GOAL_ENDED: (names.FEATURES_LEADERBOARDS, names.GOAL_ENDED),
    Part.ON_TRANSACTION: (names.EXT_WALLET, names.TRANSACTION_CREATED),
    Part.ON_DECREMENT: (names.USER, names.BALANCE_DECREMENTED),
    Part.ON_INCREMENT: (names.USER, names.BALANCE_INCREMENTED),
}
"""The signal and the sender that each of these hears."""


OBSERVER = (
    Part.OBSERVER_ENTERS,
    Part.OBSERVER_LEAVES,
    Part.OBSERVER_BEFORE,
    Part.OBSERVER_AFTER,
    Part.OBSERVER_HEADERS,
)
PASSED_OVER = (Part.SINK, Part.LOG, *OBSERVER)


class NotPassedOver(Exception):
    """What observes a unit has failed. Nobody who asks for the unit, or runs it, may notice."""


class Observing:
    """One part of a run that fails, every so many times that it is asked. ``advance`` lets time pass."""

    def __init__(self, watching: Watching | None, calls: Calls, advance: Callable[[timedelta], None]) -> None:
        self._watching, self._calls, self._advance = watching, calls, advance
        self._asked = 0

    @property
    def fails(self) -> bool:
        return self._watching is not None

    @property
    def stops_a_beginning(self) -> bool:
        """Whether now and then a unit ends before it has begun. Then the money moves in the next one."""
        watching = self._watching
        return watching is not None and watching.part in BEFORE_ANYTHING and watching.how is not How.RAISES

    def heal(self) -> None:
        self._watching = None

    def may_fail(self, part: Part) -> None:
        """Raise what the part raises now, if it is the one that fails."""
        watching, frame = self._watching, self._calls.frames[-1]
        if watching is None or part is not watching.part or frame.dead:
            return
        self._asked += 1
        if self._asked % watching.every:
            return
        frame.unobserved.append(f"{part} {watching.how}")
        frame.cut_off = frame.cut_off or watching.how is not How.RAISES
        if watching.how is How.EXITS:
            raise SystemExit
        if watching.how is How.HANGS:
            self._advance(TIME_LIMIT)
            raise OutOfTime
        raise (NotPassedOver if part in PASSED_OVER else Bug)(frame.unobserved[-1])

    def sink(self, note: Callable[[Trace], None]) -> Callable[[Trace], None]:
        """A trace sink that fails after it has noted the trace, or logs it."""

        def keep(trace: Trace) -> None:
            note(trace)
            self.may_fail(Part.SINK)
            if self._is(Part.LOG):
                log_trace(trace)

        return keep

    def observer(self) -> Observer | None:
        watched = self._watching is not None and self._watching.part in OBSERVER
        return Observer(self.may_fail) if watched else None

    def adapter(self, port: str, right: object) -> object:
        """The port's adapter. It fails if it is the part that does."""
        for part, (name, method) in PORTS.items():
            if name == port and self._is(part):
                return Failing(right, method, partial(self.may_fail, part))
        return right

    def connect(self, namespace: Namespace) -> None:
        """A receiver of the host's that fails."""
        if self._watching is None or self._watching.part not in RECEIVERS:
            return
        signal, sender = RECEIVERS[self._watching.part]

        def receive(_: object, **__: object) -> None:
            self.may_fail(part)

        part = self._watching.part
        namespace.signal(signal).connect(receive, sender=sender, weak=False)

    @contextmanager
    def logged(self) -> Iterator[None]:
        """The log of the run goes nowhere, and fails if it is the part that does."""
        log, handler = logging.getLogger("show_goal.trace"), LogHandler(partial(self.may_fail, Part.LOG))
        before = log.level, log.propagate
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
        try:
            yield
        finally:
            log.removeHandler(handler)
            log.setLevel(before[0])
            log.propagate = before[1]

    def _is(self, part: Part) -> bool:
        return self._watching is not None and self._watching.part is part


class Failing:
    """An adapter, one method of which may fail before it does anything."""

    def __init__(self, right: object, method: str, may_fail: Callable[[], None]) -> None:
        self._right, self._method, self._may_fail = right, method, may_fail

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._right, name)
        if name != self._method:
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._may_fail()
            return found(*args, **kwargs)

        return call


class LogHandler(logging.Handler):
    def __init__(self, may_fail: Callable[[], None]) -> None:
        super().__init__()
        self._may_fail = may_fail

    def emit(self, record: logging.LogRecord) -> None:
        self._may_fail()


class Observer:
    """Each method fails, if its turn has come, before or after what it watches."""

    def __init__(self, may_fail: Callable[[Part], None]) -> None:
        self._may_fail = may_fail

    @contextmanager
    def unit(self, trace: Trace, received: Mapping[str, object]) -> Iterator[None]:
        self._may_fail(Part.OBSERVER_ENTERS)
        yield
        self._may_fail(Part.OBSERVER_LEAVES)

    def receiver(self, trace: Trace, name: str, run: Callable[[], T]) -> T:
        self._may_fail(Part.OBSERVER_BEFORE)
        result = run()
        self._may_fail(Part.OBSERVER_AFTER)
        return result

    def headers(self) -> Mapping[str, str]:
        self._may_fail(Part.OBSERVER_HEADERS)
        return {}
