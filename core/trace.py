"""What happened in one request or task, step by step (D28): what the demo prints, tests compare and operators read.

The unit at work is found through a context variable, since a signal's payload is the seed's alone and cannot carry it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, Token
from datetime import datetime
from functools import cache
from types import MappingProxyType, TracebackType
from typing import ParamSpec, Protocol, Self, TypeVar

from attrs import field, frozen

from .errors import Refused
from .messages import Message
from .model import Hold

P = ParamSpec("P")
T = TypeVar("T")

_CREDENTIALS = re.compile(r"//[^/@\s]*@")
_current: ContextVar[Trace | None] = ContextVar("show_goal_trace", default=None)
_NO_HEADERS: Mapping[str, object] = MappingProxyType({})
_received: ContextVar[Mapping[str, object]] = ContextVar("show_goal_received", default=_NO_HEADERS)
_NOTHING = nullcontext()


class Observer(Protocol):
    """Sees units and receivers while they run, where a sink sees them when all is over. Must not raise."""

    def unit(self, trace: Trace, received: Mapping[str, object], /) -> AbstractContextManager[object]:
        """Entered before the unit's first step, left after the sink has the trace.

        ``received`` are the headers of the message whose task this is; empty for a request.
        """
        ...

    def receiver(self, trace: Trace, name: str, run: Callable[[], T], /) -> T:
        """Run a receiver: return what it returns, raise what it raises."""
        ...

    def headers(self) -> Mapping[str, str]:
        """What a message that is triggered here and now takes along beside its own headers."""
        ...


class Unobserved:
    """Nobody looks on."""

    def unit(self, trace: Trace, received: Mapping[str, object]) -> AbstractContextManager[object]:
        return _NOTHING

    def receiver(self, trace: Trace, name: str, run: Callable[[], T]) -> T:
        return run()

    def headers(self) -> Mapping[str, str]:
        return {}


UNOBSERVED = Unobserved()


@frozen
class Step:
    """One line of a trace. ``kind``: guard, task, money, signal, receiver, notification or sweep."""

    kind: str
    name: str
    outcome: str
    detail: Mapping[str, object] = field(factory=dict)


@cache  # one for each guard there is: a request passes nine of them
def _passed(guard: str) -> Step:
    return Step("guard", guard, "passed")


class _TaskDetail(Mapping[str, object]):
    """Worked out when it is read, which most traces never are."""

    __slots__ = ("_eta", "_message")

    def __init__(self, message: Message, eta: datetime | None) -> None:
        self._message = message
        self._eta = eta

    def __getitem__(self, name: str) -> object:
        return self._worked_out()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._worked_out())

    def __len__(self) -> int:
        return len(self._worked_out())

    def _worked_out(self) -> dict[str, object]:
        detail: dict[str, object] = {"arguments": self._message.arguments(), **self._message.headers()}
        return detail if self._eta is None else {**detail, "eta": self._eta}


class Trace:
    """One unit of work: a request or a task. A context manager; its end hands it to the sink, whatever happened."""

    def __init__(
        self, name: str, ids: dict[str, object], sink: Callable[[Trace], None], observer: Observer = UNOBSERVED
    ) -> None:
        self.name = name
        self.ids = ids
        self.steps: list[Step] = []
        self.outcome = "running"
        self.reason: str | None = None
        self.observer = observer
        self._sink = sink

    def __enter__(self) -> Self:
        self._observed = self.observer.unit(self, _received.get())
        self._observed.__enter__()
        self._token: Token[Trace | None] = _current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _current.reset(self._token)
        if isinstance(error, Refused):
            self.outcome, self.reason = "refused", error.reason
        elif error is not None:
            self.outcome, self.reason = "failed", describe(error)
        else:
            self.outcome = "done"
        try:
            self._sink(self)
        finally:
            self._observed.__exit__(kind, error, traceback)

    def guard(self, rule: Callable[P, Refused | None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Ask one guard, named for the reason it refuses for; record its verdict and raise its refusal."""
        refusal = rule(*args, **kwargs)
        if refusal is not None:
            raise self._refused(refusal)
        self.steps.append(_passed(rule.__name__))

    def require(self, value: T | None, refusal: type[Refused]) -> T:
        """The guard for what must be there: its value, or the refusal."""
        if value is None:
            raise self._refused(refusal())
        self.steps.append(_passed(refusal.reason))
        return value

    def _refused(self, refusal: Refused) -> Refused:
        self.steps.append(Step("guard", refusal.reason, "refused", {"code": refusal.code}))
        return refusal

    def task(self, message: Message, eta: datetime | None = None) -> None:
        self.steps.append(Step("task", message.name, "triggered", _TaskDetail(message, eta)))

    def signal(self, sender: str, payload: Mapping[str, object]) -> None:
        self.steps.append(Step("signal", sender, "sent", {"arguments": payload}))

    def receiver(self, name: str, outcome: str, *, position: int, **detail: object) -> None:
        """``position``: where the steps stood when it began, so that it precedes what it did itself."""
        self.steps.insert(position, Step("receiver", name, outcome, detail))

    def notification(self, event: str, channels: Sequence[str], outcome: str = "sent") -> None:
        self.steps.append(Step("notification", event, outcome, {"channels": list(channels)}))

    def money(self, hold: Hold) -> None:
        """What the wallet answered: held, released or refunded. At a repeat it says so again."""
        detail = {"transaction_id": hold.transaction_id, "amount": hold.amount}
        self.steps.append(Step("money", hold.state.value, "done", detail))

    def swept(self, **counts: int) -> None:
        self.steps.append(Step("sweep", "swept", "done", counts))

    def as_dict(self) -> dict[str, object]:
        """Plain dicts and lists; times stay datetimes."""
        steps = [{"kind": s.kind, "name": s.name, "outcome": s.outcome, **s.detail} for s in self.steps]
        ended = {"outcome": self.outcome} if self.reason is None else {"outcome": self.outcome, "reason": self.reason}
        return {"unit": self.name, **self.ids, **ended, "steps": steps}


class Tracer:
    """Makes a trace for each unit of work. ``sink`` gets each one when it ends, and must not raise."""

    def __init__(self, sink: Callable[[Trace], None], observer: Observer = UNOBSERVED) -> None:
        self._sink = sink
        self._observer = observer

    def unit(self, name: str, **ids: object) -> Trace:
        return Trace(name, ids, self._sink, self._observer)


def current() -> Trace:
    """The trace of the unit at work; one that nobody reads when a host sends a signal outside of any."""
    return _current.get() or Trace("untraced", {}, lambda _: None)


@contextmanager
def received(headers: Mapping[str, object]) -> Iterator[None]:
    """A message's headers, while its task runs: for the observer, who may know from them what triggered it."""
    token = _received.set(headers)
    try:
        yield
    finally:
        _received.reset(token)


def describe(error: BaseException) -> str:
    """An error for a trace or a log: its type and text, the leaves of a group, and never a password."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(describe(leaf) for leaf in error.exceptions)
    return _CREDENTIALS.sub("//***@", f"{type(error).__name__}: {error}")
