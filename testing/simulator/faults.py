"""Every call of a port passes through here: faults strike it, and watchers see what took effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from datetime import datetime
from typing import Any

from attrs import define, field

from ...ports.errors import NotifierUnavailable, StoreUnavailable, TaskQueueUnavailable, Unavailable, WalletUnavailable
from .plan import Action, Fault, Strike

PORTS: Mapping[str, type[Unavailable]] = {
    "sessions": StoreUnavailable,
    "goals": StoreUnavailable,
    "passes": StoreUnavailable,
    "wallet": WalletUnavailable,
    "task_queue": TaskQueueUnavailable,
    "notifier": NotifierUnavailable,
    "feed": StoreUnavailable,
    "tracker": StoreUnavailable,
    "channel_cache": StoreUnavailable,
    "rtc_sources": StoreUnavailable,
    "sweeps": StoreUnavailable,
    "keyed_requests": StoreUnavailable,
}
"""The ports that faults strike, and what each raises when it does not answer. Clock and ids never fail."""

OBSERVING = ("notifier", "feed", "tracker", "channel_cache")
"""What only observes. Every other time it fails with an error that no port promises (D44)."""

SAYS = {
    Strike.CRASH_BEFORE: "crash before {}",
    Strike.CRASH_AFTER: "crash after {}",
    Strike.FAIL_BEFORE: "{} fails, no effect",
    Strike.FAIL_AFTER: "{} takes effect, its answer is lost",
}
"""How the trace tells each strike of a call."""


class Bug(Exception):
    """An adapter of the host's is broken."""


class Crash(BaseException):
    """The process dies here: nothing catches it, and nothing runs after it."""


@define
class Frame:
    """One action at work. ``started`` counts port calls, ``at`` is the time on the clock."""

    kind: str
    started: int
    at: datetime
    faults: dict[int, Fault]
    calls: int = 0
    struck: list[str] = field(factory=list)
    unobserved: list[str] = field(factory=list)
    """What of that which only observes has failed."""
    cut_off: bool = False
    """Its process ended: a crash, or what only observes has interrupted it."""
    asking: object = None
    """The request with a key that is at work."""
    dead: bool = False
    """Its process crashed. ``finally`` and ``except`` blocks that Python still runs reach no port."""


class Calls:
    def __init__(self) -> None:
        self.made = 0
        self.frames: list[Frame] = []  # the actions at work, the innermost last
        self.interrupt: Callable[[Action], str] = lambda _: ""  # carries out what happens meanwhile

    def begin(self, action: Action, now: datetime) -> Frame:
        faults = {fault.call: fault for fault in action.faults}
        frame = Frame(kind=action.kind, started=self.made, at=now, faults=faults)
        self.frames.append(frame)
        return frame

    def before(self, name: str) -> Strike | None:
        """Count a call; let happen what strikes before it. Returns what strikes the call."""
        self.made += 1
        if not self.frames:
            return None
        frame = self.frames[-1]
        if frame.dead:
            raise Crash
        frame.calls += 1
        fault = frame.faults.get(frame.calls)
        if fault is None:
            return None
        if fault.action is not None:
            frame.struck.append(f"meanwhile, before {name}: {Context().run(self.interrupt, fault.action)}")
        if fault.strike in (Strike.CRASH_BEFORE, Strike.FAIL_BEFORE):
            self._strike(fault.strike, name)
        return fault.strike

    def after(self, name: str, strike: Strike | None) -> None:
        if strike is Strike.CRASH_AFTER or strike is Strike.FAIL_AFTER:
            self._strike(strike, name)

    def _strike(self, strike: Strike, name: str) -> None:
        frame = self.frames[-1]
        frame.struck.append(SAYS[strike].format(name))
        if strike in (Strike.CRASH_BEFORE, Strike.CRASH_AFTER):
            frame.dead = frame.cut_off = True
            raise Crash
        port = name.partition(".")[0]
        raise (Bug if port in OBSERVING and self.made % 2 else PORTS[port])(frame.struck[-1])


class Port:
    """An adapter, every call of which goes through ``calls``.

    A watcher has a method ``{port}_{method}`` for each call it wants to see. The method gets the result, then the
    call's own arguments. Calls that took no effect are not shown.
    """

    def __init__(self, name: str, adapter: object, calls: Calls, watchers: Sequence[object] = ()) -> None:
        self._name, self._adapter, self._calls, self._watchers = name, adapter, calls, watchers

    def __getattr__(self, method: str) -> Any:
        """Wrap a method at its first use, and keep it as an attribute."""
        found = getattr(self._adapter, method)
        if not callable(found):
            return found
        watches = [getattr(watcher, f"{self._name}_{method}", None) for watcher in self._watchers]
        wrapped = self._wrapped(f"{self._name}.{method}", found, [watch for watch in watches if watch])
        setattr(self, method, wrapped)
        return wrapped

    def _wrapped(self, name: str, function: Callable[..., Any], watches: Sequence[Callable[..., None]]) -> Any:
        calls = self._calls

        def call(*args: Any, **kwargs: Any) -> Any:
            strike = calls.before(name)
            result = function(*args, **kwargs)
            for watch in watches:
                watch(result, *args, **kwargs)
            calls.after(name, strike)
            return result

        return call
