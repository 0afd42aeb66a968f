"""The counters: what each counts, and by which attributes.

They count what happens in this process. A message that is delivered again counts again (D19): ask the wallet's audit
what the money really did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from attrs import frozen
from opentelemetry.metrics import MeterProvider, get_meter

from ...core.errors import Refused
from ...core.steps import Step
from ...core.trace import Trace, leaves


@frozen
class Counter:
    name: str
    unit: str
    description: str
    attributes: tuple[str, ...] = ()


ACCEPTED = Counter("show_goal.invitations.accepted", "{invitation}", "Invitations answered with 202, repeats included")
REFUSALS = Counter(
    "show_goal.refusals",
    "{refusal}",
    "Requests and tasks that the rules refused; code is public, reason is the exact one (D10)",
    ("unit", "code", "reason"),
)
FAILURES = Counter(
    "show_goal.failures",
    "{failure}",
    "Requests and tasks that failed: a request answers 503 or 500, a task is retried",
    ("unit", "error.type"),
)
HOLDS = Counter("show_goal.holds", "{hold}", "Transfers that the wallet holds in escrow")
RELEASES = Counter("show_goal.releases", "{release}", "Holds released to the streamer")
REFUNDS = Counter("show_goal.refunds", "{refund}", "Holds refunded to their viewer")
SWEEPS = Counter("show_goal.sweeps", "{sweep}", "Sweeps, done or failed", ("outcome",))
SWEPT = Counter(
    "show_goal.sweep.items",
    "{item}",
    "What sweeps found undone and did: ended, resumed, settled, refunded",
    ("kind",),
)
RECEIVER_FAILURES = Counter(
    "show_goal.receiver.failures", "{failure}", "Receivers of signals that raised; the others ran", ("receiver",)
)

COUNTERS = (ACCEPTED, REFUSALS, FAILURES, HOLDS, RELEASES, REFUNDS, SWEEPS, SWEPT, RECEIVER_FAILURES)
MONEY = {"held": HOLDS, "released": RELEASES, "refunded": REFUNDS}
"""By the name of a trace's money step."""

Counted = tuple[Counter, int, Mapping[str, str]]


class Counting:
    """The counters of a meter provider: of the process' own, now or later, unless you pass another."""

    def __init__(self, provider: MeterProvider | None = None) -> None:
        meter = get_meter("show_goal", meter_provider=provider)
        self._instruments = {
            counter: meter.create_counter(counter.name, counter.unit, counter.description) for counter in COUNTERS
        }

    def count(self, trace: Trace, error: BaseException | None) -> None:
        """Count what an ended unit did."""
        for counter, number, attributes in chain(_ended(trace, error), *map(_counted, trace.steps)):
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
            if type(number) is int and number:  # ``more`` is True or False
                yield SWEPT, number, {"kind": kind}


def error_type(error: BaseException) -> str:
    """Only the type's name, as the text may name a viewer. For a group, the names of its leaves, each once."""
    return ", ".join(dict.fromkeys(type(leaf).__name__ for leaf in leaves(error)))
