"""A settlement of many holds goes on run by run, and comes to an end whatever fails or interrupts it (D43, D44)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import define, field

from show_goal.core.errors import OutOfTime
from show_goal.core.messages import SettleEscrow
from show_goal.core.money import Hold, HoldState
from show_goal.core.tasks.settle_escrow import STEP
from tests.builders import EXP, GOAL, NOW, a_goal, a_hold
from tests.world import World

MANY = 40
EACH = timedelta(seconds=0.25)
IN_A_RUN = STEP // EACH
PAYERS = [f"payer {number}" for number in range(MANY)]


@define(slots=False)
class Slow:
    """A platform with ``MANY`` holds in an escrow that is due. Each refund, or each report, takes ``EACH``."""

    world: World = field(factory=World.make)
    refunded: Counter[str] = field(factory=Counter)
    reported: Counter[str] = field(factory=Counter)
    before_refund: Callable[[str], None] = lambda payer: None
    before_report: Callable[[str], None] = lambda payer: None

    def __attrs_post_init__(self) -> None:
        world = self.world
        world.goals.insert(a_goal())
        for payer in PAYERS:
            world.wallet.credit(payer, 100)
            world.wallet.hold(a_hold(viewer_id=payer))
        world.goals.end(GOAL, NOW)
        world.clock.move_to(EXP)
        self._refund = world.wallet.refund
        world.wallet.refund = self.refund  # type: ignore[method-assign]
        world.container.namespace().signal("user").connect(self.hear, sender="balance.incremented")
        self.ask()

    def refund(self, transaction_id: str) -> Hold:
        payer = transaction_id.rpartition(":")[2]
        self.before_refund(payer)
        self.refunded[payer] += 1
        return self._refund(transaction_id)

    def hear(self, _: str, *, user_id: str, **__: object) -> None:
        self.before_report(user_id)
        self.reported[user_id] += 1

    def takes_time(self, _: str) -> None:
        self.world.clock.advance(EACH)

    def ask(self) -> None:
        self.world.task_queue.trigger(SettleEscrow(goal_id=GOAL))

    def run(self) -> int:
        """Run the task until nothing is due, and return how many runs there were."""
        before = len(self.world.traces)
        self.world.run_due(quiet=True)
        return len(self.world.traces) - before

    def held(self) -> int:
        return sum(hold.state is HoldState.HELD for hold in self.world.wallet.holds())


@pytest.fixture
def slow() -> Slow:
    return Slow()


def test_each_run_goes_on_where_the_last_one_stopped(slow: Slow) -> None:
    slow.before_refund = slow.takes_time
    assert slow.run() == -(-MANY // IN_A_RUN)
    assert slow.refunded == slow.reported == Counter(PAYERS), "each once"
    assert slow.world.goal(GOAL).settled


def test_all_money_moves_before_the_first_report_and_each_is_reported_once(slow: Slow) -> None:
    def hear(payer: str) -> None:
        assert slow.held() == 0
        slow.takes_time(payer)

    slow.before_report = hear
    assert slow.run() == -(-MANY // IN_A_RUN)
    assert slow.refunded == slow.reported == Counter(PAYERS)
    assert slow.world.goal(GOAL).settled


def test_a_run_that_is_interrupted_lets_the_next_one_go_on(slow: Slow) -> None:
    def stop_after(payer: str) -> None:
        if slow.world.clock.now() >= until:
            raise OutOfTime
        slow.takes_time(payer)

    slow.before_refund = stop_after
    runs = 0
    while slow.held():
        until = slow.world.clock.now() + timedelta(seconds=2)
        runs += 1
        slow.ask()
        try:
            slow.run()
        except OutOfTime:
            slow.world.task_queue.purge()
    assert runs == MANY / 8
    assert slow.refunded == Counter(PAYERS)
    assert slow.reported == Counter(PAYERS), "those of the interrupted runs, too"


def test_what_a_run_has_moved_is_reported_although_the_run_broke_off_before_it_did(slow: Slow) -> None:
    def die(_: str) -> None:
        raise SystemExit

    slow.before_report = die
    with pytest.raises(SystemExit):
        slow.run()
    slow.before_report = lambda _: None
    slow.ask()
    slow.run()
    assert slow.reported == Counter(PAYERS)
    assert slow.refunded == Counter(PAYERS)


def test_holds_that_fail_hide_none_behind_them_however_many_they_are(slow: Slow) -> None:
    broken = set(PAYERS[: IN_A_RUN * 2])

    def fail(payer: str) -> None:
        slow.takes_time(payer)
        if payer in broken:
            raise ConnectionError("no answer")

    slow.before_refund = fail
    for _ in range(10):
        slow.run()
        slow.world.clock.advance(timedelta(seconds=10))
    assert slow.refunded.keys() == set(PAYERS) - broken
    steps: list[Any] = [step for trace in slow.world.traces for step in trace.steps]
    left_out = {step.name.rpartition(":")[2] for step in steps if step.outcome == "left out"}
    assert broken - left_out == set(), "the traces name them, and the sweep tries them again"
    assert slow.world.messages() == []
    broken.clear()
    slow.ask()
    slow.run()
    assert slow.held() == 0
    assert slow.world.goal(GOAL).settled


def test_runs_that_can_move_nothing_come_to_an_end(slow: Slow) -> None:
    """They go through all holds, with pauses, and then leave it to the task's retries, and those to the sweep."""

    def fail(payer: str) -> None:
        slow.takes_time(payer)
        raise ConnectionError("no answer")

    slow.before_refund = fail
    assert slow.run() == 1, "the next one waits"
    for _ in range(30):
        slow.world.clock.advance(timedelta(seconds=5))
        slow.run()
    assert slow.world.trace("settle_escrow")["outcome"] == "failed"
    assert slow.world.messages() == []
    slow.before_refund = slow.takes_time
    while slow.held():
        slow.world.sweep()
    assert slow.refunded == slow.reported == Counter(PAYERS)


@pytest.mark.parametrize("interrupt", [OutOfTime, SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("where", ["before_refund", "before_report"])
def test_no_interrupt_is_swallowed_D44(slow: Slow, interrupt: type[BaseException], where: str) -> None:
    def stop(_: str) -> None:
        raise interrupt

    setattr(slow, where, stop)
    with pytest.raises(interrupt):
        slow.run()
    assert slow.reported == Counter()
