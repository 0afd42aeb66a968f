"""What a trace (D28) says, counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from opentelemetry.metrics import MeterProvider, get_meter

from ...core.errors import Refused
from ...core.trace import Step, Trace
from .counters import ACCEPTED, COUNTERS, FAILURES, MONEY, RECEIVER_FAILURES, REFUSALS, SWEEPS, SWEPT, Counter

COUNTED_STEPS = ("money", "receiver", "sweep")

Counted = tuple[Counter, int, Mapping[str, str]]


class Counting:
    """The instruments, of whichever meter provider the process has or will have."""

    def __init__(self, provider: MeterProvider | None = None) -> None:
        meter = get_meter("show_goal", meter_provider=provider)
        self._instruments = {
            counter: meter.create_counter(counter.name, counter.unit, counter.description) for counter in COUNTERS
        }

    def count(self, trace: Trace, error: BaseException | None) -> None:
        """From a unit that has ended: by how much each counter grows."""
        counted = [_counted(step) for step in trace.steps if step.kind in COUNTED_STEPS]
        for counter, number, attributes in chain(_ended(trace, error), *counted):
            self._instruments[counter].add(number, attributes)


def _ended(trace: Trace, error: BaseException | None) -> Iterator[Counted]:
    if isinstance(error, Refused):
        yield REFUSALS, 1, {"unit": trace.name, "code": error.code, "reason": error.reason}
    elif error is not None:
        yield FAILURES, 1, {"unit": trace.name, "error.type": error_type(error)}
    elif trace.name == "trigger_private_session":
        yield ACCEPTED, 1, {}
    if trace.name == "sweep":
        yield SWEEPS, 1, {"outcome": trace.outcome}


def _counted(step: Step) -> Iterator[Counted]:
    if step.kind == "money":
        yield MONEY[step.name], 1, {}
    elif (step.kind, step.outcome) == ("receiver", "failed"):
        yield RECEIVER_FAILURES, 1, {"receiver": step.name}
    elif step.kind == "sweep":
        for kind, number in step.detail.items():
            if isinstance(number, int) and number:
                yield SWEPT, number, {"kind": kind}


def error_type(error: BaseException) -> str:
    """The names alone: an error's text may name a viewer. A group's leaves, each name once."""
    if isinstance(error, BaseExceptionGroup):
        names = dict.fromkeys(name for leaf in error.exceptions for name in error_type(leaf).split(", "))
        return ", ".join(names)
    return type(error).__name__
