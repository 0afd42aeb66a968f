"""Signals that must not skip the cleaning up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP. A KeyboardInterrupt, because test runners stop for it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.status = 128 + number


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """By default these signals skip every ``finally``. A handler that is already set stays."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Terminated(number)

    unhandled = [number for number in _ENDING if signal.getsignal(number) == signal.SIG_DFL]
    with _handlers(dict.fromkeys(unhandled, interrupt)):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """For clean-up that has its own deadlines: a second Ctrl-C does not interrupt it."""
    with _handlers(dict.fromkeys([signal.SIGINT, *_ENDING], signal.SIG_IGN)):
        yield


@contextmanager
def _handlers(handlers: Mapping[signal.Signals, signal._HANDLER]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # Python allows it only there.
        yield
        return
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
