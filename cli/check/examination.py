"""Running checks side by side, so that one which hangs keeps no other waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from attrs import frozen

from ...core.trace import describe

LONGEST_SUMMARY = 300


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@frozen
class Finding:
    """What a check found, and, unless all is well, what to do about it."""

    status: Status
    summary: str
    advice: tuple[str, ...] = ()


@frozen
class Examined:
    name: str
    finding: Finding


Check = Callable[[], Finding]


def examine(checks: Mapping[str, Check], timeout: float) -> Iterator[Examined]:
    """Each check's finding, in their order. One that has none within ``timeout`` seconds of the start has failed."""
    end = monotonic() + timeout
    answers = {name: _started(name, check) for name, check in checks.items()}
    for name, answer in answers.items():
        try:
            finding = answer.get(timeout=max(end - monotonic(), 0.001))
        except Empty:
            finding = Finding(
                Status.FAILURE, f"no answer within {timeout:g} s", ("It accepts connections and hangs: restart it.",)
            )
        yield Examined(name, finding)


def _started(name: str, check: Check) -> SimpleQueue[Finding]:
    """Where its finding will be. As a daemon, since one that hangs must not keep the process."""
    answer: SimpleQueue[Finding] = SimpleQueue()
    Thread(target=lambda: answer.put(_found(check)), name=f"check {name}", daemon=True).start()
    return answer


def _found(check: Check) -> Finding:
    """A check that raises has found what it raises: what it did not foresee, a wrong password for one, is a finding."""
    try:
        return check()
    except Exception as error:
        return Finding(Status.FAILURE, brief(error))


def brief(error: Exception) -> str:
    """On one line, without a password, and without the whole answer or topology that a driver may add."""
    text = " ".join(describe(error).partition(", full error:")[0].split())
    return text if len(text) <= LONGEST_SUMMARY else f"{text[:LONGEST_SUMMARY]} ..."
