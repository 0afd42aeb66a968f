"""Sends blinker signals so that every receiver runs, in order (D20, D21).

Plain blinker calls receivers in no order and stops at the first one that raises. Here the library's receivers run
first, in order, then those that the host connected. Failures are raised together at the end.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from enum import Enum
from functools import partial
from inspect import isawaitable, iscoroutine
from typing import TypeVar

from blinker import Namespace

from . import trace
from .errors import ShowGoalError
from .events import Event

E = TypeVar("E", bound=Event)


class AsyncReceiver(ShowGoalError, TypeError):
    """A receiver is ``async``: it was called, and never ran. Signals are synchronous."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the receiver {name} is async, so it never runs: connect a plain function")


class CancelledReceiver(ShowGoalError):
    """A receiver has raised asyncio's ``CancelledError``. That is no ``Exception``, but nobody has cancelled us."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the receiver {name} was cancelled")


class Outcome(Enum):
    """What a receiver did, for the trace (D22)."""

    RAN = "ran"
    SKIPPED = "skipped"


class Signals:
    """The signals of one container. A host that passes its own namespace to the container hears them too."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._receivers: dict[str, Mapping[str, Callable[..., Outcome]]] = {}
        self._hears: dict[str, Callable[..., None]] = {}

    def connect(self, event: type[E], receivers: Mapping[str, Callable[[E], Outcome]]) -> None:
        """Run ``receivers``, in order, whenever the library or the host sends ``event``."""

        def hear(sender: str, **payload: object) -> None:
            run_all(sender, self._own(event.from_payload(payload)))

        self._receivers[event.sender] = receivers
        self._hears[event.sender] = hear
        self._namespace.signal(event.signal).connect(hear, sender=event.sender, weak=False)

    def disconnect(self) -> None:
        """Remove these receivers from the namespace, for a host whose tests make many containers."""
        for signal in self._namespace.values():
            for hear in self._hears.values():
                signal.disconnect(hear)
        self._hears.clear()
        self._receivers.clear()

    def send(self, event: Event) -> None:
        """Run every receiver of the event. After all have run, raises an ExceptionGroup of the failures."""
        trace.current().signal(event.sender, event.payload())
        run_all(event.sender, [*self._own(event), *self._hosts(event)])

    def send_all(self, events: Iterable[Event]) -> None:
        """Send each event, even if an earlier one failed. Raises all failures together."""
        failures: list[Exception] = []
        for event in events:
            try:
                self.send(event)
            except ExceptionGroup as failed:
                failures.append(failed)
        if failures:
            raise ExceptionGroup("receivers failed", failures)

    def hosts_names(self, event: type[Event]) -> tuple[str, ...]:
        """The names of the receivers that the host connected to the event."""
        return tuple(map(_name, self._hosts_receivers(event)))

    def _own(self, event: Event) -> list[Run]:
        receivers = self._receivers.get(event.sender, {})
        return [(name, partial(receiver, event)) for name, receiver in receivers.items()]

    def _hosts(self, event: Event) -> list[Run]:
        return [
            (_name(receiver), partial(receiver, event.sender, **event.payload()))
            for receiver in self._hosts_receivers(type(event))
        ]

    def _hosts_receivers(self, event: type[Event]) -> list[Callable[..., object]]:
        receivers = self._namespace.signal(event.signal).receivers_for(event.sender)
        return [receiver for receiver in receivers if receiver is not self._hears.get(event.sender)]


def _name(receiver: Callable[..., object]) -> str:
    """``repr`` is a host's code, too: it may fail."""
    name = getattr(receiver, "__name__", None) or trace.observing(partial(repr, receiver))
    return str(name or type(receiver).__name__)


def _observed(unit: trace.Trace, observer: trace.Observer, name: str, run: Callable[[], object]) -> object:
    """Run it once, whatever becomes of the observer."""
    ran: Future[object] = Future()

    def once() -> object:
        try:
            ran.set_result(run())
        except BaseException as error:
            ran.set_exception(error)
        return ran.result()

    def watch() -> None:
        try:
            observer.receiver(unit, name, once)
        except Exception as error:
            if not ran.done() or ran.exception() is not error:  # else it is the receiver's own
                raise

    trace.observing(watch)
    return ran.result() if ran.done() else run()


def _outcome_of(name: str, returned: object) -> Outcome:
    """A host's receiver may return anything but a promise to run."""
    if isawaitable(returned):
        if iscoroutine(returned):
            returned.close()  # otherwise Python warns that nobody has awaited it
        raise AsyncReceiver(name)
    return Outcome.RAN


Run = tuple[str, Callable[[], object]]


def run_all(sender: str, runs: Iterable[Run]) -> None:
    """Run each receiver, even if an earlier one failed, and record what it did (D21)."""
    failures: list[Exception] = []
    unit = trace.current()
    for name, run in runs:
        position = len(unit.steps)
        try:
            outcome = run() if unit.observer is None else _observed(unit, unit.observer, name, run)
            if not isinstance(outcome, Outcome):
                outcome = _outcome_of(name, outcome)
        except (Exception, CancelledError) as error:
            unit.receiver(name, "failed", position=position, error=trace.describe(error))
            failures.append(error if isinstance(error, Exception) else CancelledReceiver(name))
        else:
            unit.receiver(name, outcome.value, position=position)
    if failures:
        raise ExceptionGroup(f"receivers of {sender} failed", failures)
