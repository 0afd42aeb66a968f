"""Every call of a port goes through here: it is watched, and it is where things go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import define, field

from ...ports.channel_cache import ChannelCache
from ...ports.errors import NotifierUnavailable, StoreUnavailable, TaskQueueUnavailable, Unavailable, WalletUnavailable
from ...ports.feed import Feed
from ...ports.goals import Goals
from ...ports.notifier import Notifier
from ...ports.rtc_sources import RtcSources
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.tracker import Tracker
from ...ports.wallet import Wallet
from .plan import Action, Fault, Strike

PORTS: Mapping[str, tuple[type, type[Unavailable]]] = {
    "sessions": (Sessions, StoreUnavailable),
    "goals": (Goals, StoreUnavailable),
    "wallet": (Wallet, WalletUnavailable),
    "task_queue": (TaskQueue, TaskQueueUnavailable),
    "notifier": (Notifier, NotifierUnavailable),
    "feed": (Feed, StoreUnavailable),
    "tracker": (Tracker, StoreUnavailable),
    "channel_cache": (ChannelCache, StoreUnavailable),
    "rtc_sources": (RtcSources, StoreUnavailable),
}
"""What is wrapped, and what each raises when it does not answer. Clock and ids are no other machine."""


class Crash(BaseException):
    """The process dies here: nothing catches it, nothing after it runs."""


@define
class Frame:
    """One action at work. ``started`` counts calls of ports, ``at`` is the time on the clock."""

    kind: str
    started: int
    at: datetime
    faults: dict[int, Fault]
    calls: int = 0
    struck: list[str] = field(factory=list)
    dead: bool = False
    """Its process has crashed. Whatever Python still unwinds - ``finally``, ``except`` - reaches no port any more."""


class Port:
    """Stands where an adapter stood; its methods are set by ``Calls.wrap``."""

    def __init__(self, adapter: object) -> None:
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)


def _methods(protocol: type) -> list[str]:
    """Those of a port, and of the ports that it is made of."""
    return [name for part in protocol.__mro__ for name in vars(part) if not name.startswith("_")]


class Calls:
    def __init__(self) -> None:
        self.made = 0
        self.frames: list[Frame] = []
        self.interrupt: Callable[[Action], str] = lambda _: ""

    def begin(self, action: Action, now: datetime) -> Frame:
        faults = {fault.call: fault for fault in action.faults}
        frame = Frame(kind=action.kind, started=self.made, at=now, faults=faults)
        self.frames.append(frame)
        return frame

    def end(self) -> None:
        self.frames.pop()

    def wrap(self, name: str, adapter: object, watchers: Sequence[object]) -> Any:
        """The adapter behind this port, with every call watched.

        A watcher has a method ``{port}_{method}`` for what it wants to see: it gets the result first, then the call's
        own arguments, and is told only of calls that took effect.
        """
        protocol, unavailable = PORTS[name]
        port = Port(adapter)
        for method in _methods(protocol):
            watches = [watch for watcher in watchers if (watch := getattr(watcher, f"{name}_{method}", None))]
            call = self._call(f"{name}.{method}", getattr(adapter, method), watches, unavailable)
            setattr(port, method, call)
        return port

    def _call(
        self, name: str, function: Callable[..., Any], watches: list[Callable[..., None]], error: type[Unavailable]
    ) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.made += 1
            fault = self._due_fault()
            if fault is not None:
                self._before(fault, name, error)
            result = function(*args, **kwargs)
            for watch in watches:
                watch(result, *args, **kwargs)
            if fault is not None:
                self._after(fault, name, error)
            return result

        return call

    def _due_fault(self) -> Fault | None:
        if not self.frames:
            return None
        frame = self.frames[-1]
        if frame.dead:
            raise Crash
        frame.calls += 1
        return frame.faults.get(frame.calls)

    def _before(self, fault: Fault, name: str, error: type[Unavailable]) -> None:
        frame = self.frames[-1]
        if fault.strike is Strike.MEANWHILE and fault.action is not None:
            frame.struck.append(f"meanwhile, before {name}: {self.interrupt(fault.action)}")
        elif fault.strike is Strike.CRASH_BEFORE:
            frame.struck.append(f"crash before {name}")
            frame.dead = True
            raise Crash
        elif fault.strike is Strike.FAIL_BEFORE:
            frame.struck.append(f"{name} fails, no effect")
            raise error(f"{name} was not carried out")

    def _after(self, fault: Fault, name: str, error: type[Unavailable]) -> None:
        frame = self.frames[-1]
        if fault.strike is Strike.CRASH_AFTER:
            frame.struck.append(f"crash after {name}")
            frame.dead = True
            raise Crash
        if fault.strike is Strike.FAIL_AFTER:
            frame.struck.append(f"{name} takes effect, its answer is lost")
            raise error(f"{name} was carried out, and its answer lost")
