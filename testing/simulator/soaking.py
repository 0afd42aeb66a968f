"""Many seeds, on every core."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from attrs import frozen

from .host import Host
from .records import Violation
from .simulation import simulate

CHUNK = 25
"""Seeds that a process takes at a time; fewer than two such are not worth a second process."""


@frozen(kw_only=True)
class Outcome:
    """What became of one seed. ``calls``: how many calls of ports it made."""

    seed: int
    calls: int
    violation: Violation | None


def soak(seeds: range, steps: int, host: type[Host] = Host, *, workers: int | None = None) -> Iterator[Outcome]:
    """Run every seed; outcomes come in the seeds' order. ``host`` must be importable, as other processes import it."""
    one = partial(_outcome, steps=steps, host=host)
    workers = workers or os.cpu_count() or 1
    if workers == 1 or len(seeds) < 2 * CHUNK:
        yield from map(one, seeds)
        return
    executor = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        yield from executor.map(one, seeds, chunksize=CHUNK)
    finally:
        executor.shutdown(cancel_futures=True)


def _outcome(seed: int, *, steps: int, host: type[Host]) -> Outcome:
    run = simulate(seed, steps, host())
    return Outcome(seed=seed, calls=run.calls, violation=run.violation)
