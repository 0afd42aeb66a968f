"""What happened in one request or task, step by step (D28). The demo prints it, tests compare it, operators read it.

The current unit is a context variable, so nothing passes it along. Use cases call :func:`guard`, :func:`require` and
:func:`note`; :mod:`.signals` records signals and receivers; the container wraps the ports that record tasks, money and
notifications.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar, Token
from datetime import datetime
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Protocol, Self, TypeVar

from attrs import asdict

from .decision import Why
from .errors import Refused
from .messages import Message
from .money import Hold
from .steps import PASSED, Recorded, Step, Triggered

T = TypeVar("T")
_log = logging.getLogger("show_goal.trace")

MOST_CHARACTERS = 8_000
"""Of an error's description: a message's headers must fit into one frame of RabbitMQ, and a result into a pipe."""

_CREDENTIALS = re.compile(r"//[^/@\s]*@")
_current: ContextVar[Trace | None] = ContextVar("show_goal_trace", default=None)
_later: ContextVar[list[Callable[[], None]] | None] = ContextVar("show_goal_later", default=None)
_NO_HEADERS: Mapping[str, object] = MappingProxyType({})
_received: ContextVar[Mapping[str, object]] = ContextVar("show_goal_received", default=_NO_HEADERS)


class Observer(Protocol):
    """Watches units and receivers while they run; a sink gets a trace only when its unit has ended."""

    def unit(self, trace: Trace, received: Mapping[str, object], /) -> AbstractContextManager[object]:
        """A context around the unit: entered before its first step, left after the sink has the trace.

        ``received`` has the headers of the message whose task this is. For a request it is empty.
        """
        ...

    def receiver(self, trace: Trace, name: str, run: Callable[[], T], /) -> T:
        """Run the receiver. Return what it returns and raise what it raises."""
        ...

    def headers(self) -> Mapping[str, str]:
        """Headers to add to a message that is triggered now."""
        ...


class Trace:
    """A unit of work: a request or a task. A context manager: on exit the sink gets the trace, also after an error."""

    outcome = "running"
    reason: str | None = None

    def __init__(
        self, name: str, ids: dict[str, object], sink: Callable[[Trace], None], observer: Observer | None = None
    ) -> None:
        self.name = name
        self.ids = ids
        self.steps: list[Step] = []
        self.observer = observer
        self._sink = sink

    def __enter__(self) -> Self:
        self._later = _later.get()
        if self._later is None:
            self._begin()
        self._token: Token[Trace | None] = _current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _current.reset(self._token)
        if error is None:
            self.outcome = "done"
        elif isinstance(error, Refused):
            self.outcome, self.reason = "refused", error.reason
        else:
            self.outcome, self.reason = "failed", describe(error)
        if self._later is None:
            self._end(kind, error, traceback)
        else:
            self._later += [self._begin, partial(self._end, kind, error, traceback)]

    def _begin(self) -> None:
        self._observed = None if self.observer is None else observing(partial(_watched, self.observer, self))

    def _end(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            observing(lambda: self._sink(self))
        finally:
            if (observed := self._observed) is not None:
                observing(lambda: observed.__exit__(kind, error, traceback))

    def refused(self, refusal: Refused) -> None:
        self.steps.append(Recorded("guard", refusal.reason, "refused", {"code": refusal.code}))

    def task(self, message: Message, eta: datetime | None = None) -> None:
        self.steps.append(Triggered(message, eta))

    def signal(self, sender: str, payload: Mapping[str, object]) -> None:
        self.steps.append(Recorded("signal", sender, "sent", {"arguments": payload}))

    def receiver(self, name: str, outcome: str, *, position: int, **detail: object) -> None:
        """``position`` is the number of steps when the receiver began, so that its step comes before what it did."""
        self.steps.insert(position, Recorded("receiver", name, outcome, detail))

    def notification(self, event: str, channels: Sequence[str], outcome: str = "sent") -> None:
        self.steps.append(Recorded("notification", event, outcome, {"channels": list(channels)}))

    def left_out(self, what: str, who: str, error: Exception) -> None:
        """One of many could not be served; the others were."""
        self.steps.append(Recorded(what, who, "left out", {"error": describe(error)}))

    def money(self, hold: Hold) -> None:
        """Record the state that the wallet returned: held, released or refunded. A repeat is recorded too.

        Of a hold that was released in part it says both amounts.
        """
        detail: dict[str, object] = {"transaction_id": hold.transaction_id, "amount": hold.amount}
        if hold.part is not None:
            detail |= {"released": hold.released, "refunded": hold.refunded}
        self.steps.append(Recorded("money", hold.state.value, "done", detail))

    def decided(self, why: Why) -> None:
        """What the settlement saw, and what becomes of the escrow (D35)."""
        self.steps.append(Recorded("decision", why.settlement.value, "done", {**asdict(why), "rule": why.rule.value}))

    def swept(self, **counts: int) -> None:
        """``counts`` by kind, and ``more``: whether the time was over first."""
        self.steps.append(Recorded("sweep", "swept", "done", counts))

    def not_recorded(self, error: Exception) -> None:
        """The record of a sweep could not be written."""
        self.steps.append(Recorded("sweep", "recorded", "failed", {"error": describe(error)}))

    def as_dict(self) -> dict[str, object]:
        """The trace as dicts and lists. Times stay datetimes."""
        steps = [{"kind": s.kind, "name": s.name, "outcome": s.outcome, **s.detail} for s in self.steps]
        ended = {"outcome": self.outcome} if self.reason is None else {"outcome": self.outcome, "reason": self.reason}
        return {"unit": self.name, **self.ids, **ended, "steps": steps}


def observing(step: Callable[[], T]) -> T | None:
    """Do what only observes. If it fails, the unit goes on without: it may be about to move money (D44)."""
    try:
        return step()
    except Exception:
        with suppress(Exception):  # the log may be what fails
            _log.exception("What observes has failed, and is passed over")
        return None


@contextmanager
def observed_later() -> Iterator[None]:
    """Whatever observes the units of this block learns of them at its end.

    They move the money of many. What ended the process at one of them would leave the others without (D44).
    """
    later: list[Callable[[], None]] = []
    token = _later.set(later)
    try:
        yield
    finally:
        _later.reset(token)
        for tell in later:
            tell()


def _watched(observer: Observer, unit: Trace) -> AbstractContextManager[object]:
    watched = observer.unit(unit, _received.get())
    watched.__enter__()
    return watched


class Tracer:
    """Makes a trace for each unit of work.

    ``sink`` gets each trace when its unit ends. ``observer`` watches it meanwhile, if there is one. If either fails,
    that is logged, and nothing else happens (D44).
    """

    def __init__(self, sink: Callable[[Trace], None], observer: Observer | None = None) -> None:
        self._sink = sink
        self._observer = observer

    def unit(self, name: str, **ids: object) -> Trace:
        return Trace(name, ids, self._sink, self._observer)


def current() -> Trace:
    """The trace of the current unit. Outside of any, a trace that nobody reads: a host may send signals itself."""
    return _current.get() or Trace("untraced", {}, lambda _: None)


def guard(refused: Refused | None, refusal: type[Refused]) -> None:
    """Record the verdict of a guard in the current unit. Raises ``refused`` unless it is None.

    ``refusal`` is the kind of refusal the guard is about; the step has its name.
    """
    unit = _current.get() or current()
    if refused is not None:
        unit.refused(refused)
        raise refused
    unit.steps.append(PASSED[refusal])


def require(value: T | None, refusal: type[Refused]) -> T:
    """The guard for a value that must be there: return it, or raise the refusal when it is None."""
    unit = _current.get() or current()
    if value is None:
        refused = refusal()
        unit.refused(refused)
        raise refused
    unit.steps.append(PASSED[refusal])
    return value


def note(**ids: object) -> None:
    """Add ids to the current unit that were not known when it began."""
    current().ids.update(ids)


def taken_along() -> Mapping[str, str]:
    """The headers that the observer adds to a message that is triggered now."""
    observer = current().observer
    return {} if observer is None else observing(observer.headers) or {}


@contextmanager
def received(headers: Mapping[str, object]) -> Iterator[None]:
    """Keep the headers of a message while its task runs. The observer reads from them what triggered the task."""
    token = _received.set(headers)
    try:
        yield
    finally:
        _received.reset(token)


def describe(error: BaseException) -> str:
    """An error for a trace, a log or a header: type and text, the leaves of a group, no passwords, and not too long."""
    said = "; ".join(_described(leaf) for leaf in leaves(error))
    return said if len(said) <= MOST_CHARACTERS else f"{said[: MOST_CHARACTERS - 1]}…"


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The error itself, or of a group all that it holds, however deep."""
    left = [error]
    while left:
        one = left.pop()
        if isinstance(one, BaseExceptionGroup):
            left += reversed(one.exceptions)
        else:
            yield one


def _described(leaf: BaseException) -> str:
    try:
        said = str(leaf)
    except Exception:  # a host's error may be unable to say what it is
        said = "it has no text"
    return _CREDENTIALS.sub("//***@", f"{type(leaf).__name__}: {said}")
