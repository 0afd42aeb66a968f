"""Runs checks side by side, so that one that hangs does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from attrs import frozen

from ..terminal import brief


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@frozen
class Finding:
    """What a check found, and what to do about it."""

    status: Status
    summary: str
    advice: tuple[str, ...] = ()


Check = Callable[[], Finding]


def run_checks(checks: Mapping[str, Check], timeout: float) -> dict[str, Finding]:
    """Each check's finding, in the order of ``checks``.

    A check that raises has failed, and so has one that takes longer than ``timeout`` seconds from the start.
    """
    end = monotonic() + timeout
    started = {name: _start(name, check) for name, check in checks.items()}
    return {name: _finding(found, end, timeout) for name, found in started.items()}


def _start(name: str, check: Check) -> SimpleQueue[Finding]:
    """The queue that gets the finding. The thread is a daemon, so a check that hangs does not keep the process."""
    found: SimpleQueue[Finding] = SimpleQueue()

    def run() -> None:
        try:
            found.put(check())
        except Exception as error:  # a wrong password, for example, is a finding
            found.put(Finding(Status.FAILURE, brief(error)))

    Thread(target=run, name=f"check {name}", daemon=True).start()
    return found


def _finding(found: SimpleQueue[Finding], end: float, timeout: float) -> Finding:
    try:
        return found.get(timeout=max(end - monotonic(), 0.001))
    except Empty:
        advice = "It accepts connections but does not answer: restart it."
        return Finding(Status.FAILURE, f"no answer within {timeout:g} s", (advice,))
