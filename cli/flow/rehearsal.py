"""The demo's scenes, played in memory under the eyes of an observer: what each unit and each receiver sets off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from attrs import define, field, frozen

from ...core import names
from ...core.messages import Sweep, Transfer
from ...core.trace import Recorded, Step, Trace, current
from ..demo import cast
from ..demo.scenario import scenes
from ..demo.stage import ANSWER_WITHIN, Stage
from .model import Doing, Notified

T = TypeVar("T")

GOAL = "90a100000000000000000001"
Heard = tuple[str, str]
"""A signal's sender, and a receiver's name."""


@frozen
class Rehearsal:
    """What is not there was never met."""

    units: Mapping[str, Doing]
    receivers: Mapping[Heard, Doing]


def rehearse() -> Rehearsal:
    """Play every scene, a wallet's report, and what is left undone. Takes some 50 ms."""
    onlooker = Onlooker()
    stage = Stage(observer=onlooker)
    for _ in scenes(stage):
        pass
    _report(stage)
    _left_undone(stage)
    return Rehearsal(
        units={name: _doing(steps) for name, steps in onlooker.units.items()},
        receivers={heard: _doing(steps) for heard, steps in onlooker.receivers.items()},
    )


@define
class Onlooker:
    """Takes what a receiver does itself out of the trace, so that what remains is its sender's own."""

    units: dict[str, list[Step]] = field(factory=lambda: defaultdict(list))
    receivers: dict[Heard, list[Step]] = field(factory=lambda: defaultdict(list))

    @contextmanager
    def unit(self, trace: Trace, received: Mapping[str, object]) -> Iterator[None]:
        """A unit within a unit is a task that the outer one runs itself."""
        current().steps.append(Recorded("task", trace.name, "run"))
        try:
            yield
        finally:
            self.units[trace.name] += trace.steps

    def headers(self) -> Mapping[str, str]:
        return {}

    def receiver(self, trace: Trace, name: str, run: Callable[[], T]) -> T:
        sender = next(step.name for step in reversed(trace.steps) if step.kind == "signal")
        outer, trace.steps = trace.steps, []
        try:
            return run()
        finally:
            self.receivers[sender, name] += trace.steps
            trace.steps = outer


def _report(stage: Stage) -> None:
    """A wallet that calls back reports a payment that nobody waits for."""
    tag = names.transfer_tag("swag", cast.SESSION, GOAL)
    body = {"id": "report", "ts": int(stage.clock.now().timestamp()), "tags": [tag], "toAccount": cast.SID.id}
    stage.container.wallet_transaction()({**body, "fromAccount": cast.ALICE.id, "fromAmount": 1, "toAmount": 1})


def _left_undone(stage: Stage) -> None:
    """A goal that nobody ended in time, met by the next invitation; a claim that is paid for, met by the sweeper."""
    queue: Any = stage.container.task_queue()  # the one in memory
    stage.invite(cast.ALICE, duration=1)
    queue.purge()
    stage.clock.advance(2 * ANSWER_WITHIN)  # longer than any rest
    exp = int((stage.clock.now() + ANSWER_WITHIN).timestamp())
    stage.container.trigger_private_session()(cast.SESSION, cast.ALICE, {"exp": exp, "duration": 1})
    for queued in queue.queued():
        if isinstance(queued.message, Transfer):
            stage.container.transfer()(queued.message)
    queue.purge()
    stage.container.sweep()(Sweep())


def _doing(steps: list[Step]) -> Doing:
    """Each once, in the order in which they were first done."""

    def named(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.name for step in steps if step.kind == kind))

    told = [Notified(event=step.name, channels=_channels(step)) for step in steps if step.kind == "notification"]
    return Doing(tasks=named("task"), signals=named("signal"), notifications=tuple(dict.fromkeys(told)))


def _channels(step: Step) -> tuple[str, ...]:
    """With the names of ids in place of the cast's."""
    channels = step.detail["channels"]
    found = channels if isinstance(channels, list) else []
    return tuple(dict.fromkeys(_template(str(channel)) for channel in found))


def _template(channel: str) -> str:
    for person in cast.PEOPLE:
        channel = channel.replace(person, "{streamer_id}" if person == cast.SID.id else "{viewer_id}")
    return channel
