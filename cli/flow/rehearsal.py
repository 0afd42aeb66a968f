"""Plays the demo's scenes in memory and observes what each request, task and receiver does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from attrs import define, field, frozen

from ...core import names
from ...core.crowd import PART
from ...core.messages import DeactivateGoal, Sweep, Transfer
from ...core.model import Goal, Invitation
from ...core.money import Hold
from ...core.requests.wallet_transaction import TransactionReport
from ...core.steps import Recorded, Step
from ...core.trace import Trace, current
from ..demo.cast import ALICE, PEOPLE, SESSION, SID
from ..demo.scenario import scenes
from ..demo.stage import ANSWER_WITHIN, Stage

T = TypeVar("T")


@frozen(kw_only=True)
class Notified:
    """An event, and its channels with ``{streamer_id}`` and ``{viewer_id}`` in place of ids."""

    event: str
    channels: tuple[str, ...]


@frozen(kw_only=True)
class Effects:
    """The tasks, the senders of signals, and the notifications that something triggers or sends. Each one once."""

    tasks: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    notifications: tuple[Notified, ...] = ()


def rehearse() -> dict[tuple[str, ...], Effects]:
    """Play every scene, then what the scenes leave out. Takes about 50 ms.

    Returns the effects of each unit, by ``(name,)``, and of each receiver, by ``(sender of the signal, name)``.
    """
    onlooker = Onlooker()
    stage = Stage(observer=onlooker)
    for _ in scenes(stage):
        pass
    _wallet_callback(stage)
    _late_goal(stage)
    _claim_without_goal(stage)
    _crowd(stage)
    return {key: _effects(steps) for key, steps in onlooker.steps.items()}


@define
class Onlooker:
    """An observer that keeps the steps of a receiver apart from those of the unit that sent the signal."""

    steps: dict[tuple[str, ...], list[Step]] = field(factory=lambda: defaultdict(list))

    @contextmanager
    def unit(self, trace: Trace, received: Mapping[str, object]) -> Iterator[None]:
        # A unit inside another one is a task that the outer one runs itself, as the sweep does.
        current().steps.append(Recorded("task", trace.name, "run"))
        try:
            yield
        finally:
            self.steps[trace.name,] += trace.steps

    def headers(self) -> Mapping[str, str]:
        return {}

    def receiver(self, trace: Trace, name: str, run: Callable[[], T]) -> T:
        sender = next(step.name for step in reversed(trace.steps) if step.kind == "signal")
        outer, trace.steps = trace.steps, []
        try:
            return run()
        finally:
            self.steps[sender, name] += trace.steps
            trace.steps = outer


def _wallet_callback(stage: Stage) -> None:
    """The wallet reports a transaction."""
    tag = names.transfer_tag("swag", SESSION, "90a100000000000000000001")
    report = TransactionReport(
        id="report",
        ts=int(stage.clock.now().timestamp()),
        from_account=ALICE.id,
        from_amount=1,
        to_account=SID.id,
        to_amount=1,
        tags=[tag],
    )
    stage.container.wallet_transaction()(report)


def _late_goal(stage: Stage) -> None:
    """An invitation meets a goal past its exp, whose timer was lost."""
    stage.invite(ALICE, duration=1)
    stage.task_queue.purge()
    stage.clock.advance(2 * ANSWER_WITHIN)
    exp = int((stage.clock.now() + ANSWER_WITHIN).timestamp())
    stage.container.trigger_private_session()(SESSION, ALICE, Invitation(exp=exp, duration=1))


def _claim_without_goal(stage: Stage) -> None:
    """The sweep finds a claim whose ``create_goal`` was lost, but not its ``transfer``."""
    for queued in stage.task_queue.queued():
        if isinstance(queued.message, Transfer):
            stage.container.transfer()(queued.message)
    stage.task_queue.purge()
    stage.container.sweep()(Sweep())


def _crowd(stage: Stage) -> None:
    """The streamer agrees, and there are more payments than are looked at in one step."""
    goal_id, now = "90a100000000000000000002", stage.clock.now()
    agreed = {"user_id": SID.id, "agreed": now}
    goal = Goal(
        id=goal_id,
        _cls=names.TRIGGER_PRIVATE_GOAL,
        active=False,
        conditions={"session_id": SESSION},
        metadata=agreed,
        exp=now,
    )
    stage.container.goals().insert(goal)
    for number in range(PART + 1):
        hold = Hold(
            transaction_id=f"{number}",
            goal_id=goal_id,
            escrow_id=names.escrow_id(goal_id),
            from_user_id=ALICE.id,
            to_user_id=SID.id,
            amount=0,
            duration=60,
            tags=[],
            exp=None,
        )
        stage.container.wallet().hold(hold)
    stage.container.deactivate_goal()(DeactivateGoal(goal_id=goal_id))
    stage.container.worker().run_due()


def _effects(steps: list[Step]) -> Effects:
    def of_kind(kind: str) -> list[Step]:
        return [step for step in steps if step.kind == kind]

    return Effects(
        tasks=tuple(dict.fromkeys(step.name for step in of_kind("task"))),
        signals=tuple(dict.fromkeys(step.name for step in of_kind("signal"))),
        notifications=tuple(dict.fromkeys(map(_notified, of_kind("notification")))),
    )


def _notified(step: Step) -> Notified:
    channels: Any = step.detail["channels"]
    return Notified(event=step.name, channels=tuple(dict.fromkeys(map(_template, channels))))


def _template(channel: str) -> str:
    for person in PEOPLE:
        channel = channel.replace(person, "{streamer_id}" if person == SID.id else "{viewer_id}")
    return channel
