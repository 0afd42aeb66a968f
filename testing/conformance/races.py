"""Many callers at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from ...core.errors import Refused

T = TypeVar("T")
CALLERS = 16


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Refused]:
    """Make all calls at once, each in its own thread. Return each result or refusal, in the order of the calls."""
    start = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Refused:
        start.wait(timeout=10)
        try:
            return call()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
