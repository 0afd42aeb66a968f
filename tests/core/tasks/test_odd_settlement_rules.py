"""A host's settlement rule that raises, or says what makes no sense. A second costs 1, so amounts are seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from attrs import define

from show_goal.core.decision import Rule
from show_goal.core.errors import RuleFailed
from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Goal, Viewer
from show_goal.core.money import HoldState
from show_goal.core.rules.settlement import Deposit, Facts, Verdict, name_of, whole_once_begun
from show_goal.core.rules.states import GoalState
from tests.builders import SESSION, STREAMER, VIEWER, VIEWER_2, a_session
from tests.world import World

OTHER_SESSION, OTHER_STREAMER = "5e5500000000000000000002", "57e000000000000000000002"
Says = Callable[[Facts, Deposit], Any]


def whole(facts: Facts, deposit: Deposit) -> Verdict:
    return Verdict(due=facts.due, released=deposit.amount, rule=Rule.SHOW_BEGAN)


@define
class OddFor:
    """A host's rule that says something odd of one viewer's deposit."""

    viewer_id: str
    says: Says
    metered = True

    def __call__(self, facts: Facts, deposit: Deposit) -> Any:
        says = self.says if deposit.viewer_id == self.viewer_id else whole
        return says(facts, deposit)


def fails(facts: Facts, deposit: Deposit) -> Verdict:
    raise RuntimeError(f"what is {deposit.amount} at {facts.now}?")


def says(released: int, **due: Any) -> Says:
    return lambda facts, _: Verdict(due=facts.due.replace(**due), released=released, rule=Rule.SHOW_BEGAN)


SENSELESS = {
    "fails": fails,
    "says nothing": lambda *_: None,
    "more than the deposit": says(301),
    "less than nothing": says(-1),
    "no time zone": says(1, tzinfo=None),
}


def platform(rule: OddFor) -> tuple[World, Goal]:
    """The show of two viewers, who have paid for 300 s each."""
    world = World.make(settlement_rule=rule)
    world.sessions.add(a_session(preset="preview"))
    for viewer_id in (VIEWER, VIEWER_2):
        world.invite(viewer_id, duration=300)
        world.run_due()
    goal = world.goals.all()[0]
    world.agree(goal.id)
    world.switch_preset("sd")
    world.run_due()
    return world, world.goal(goal.id)


def states(world: World) -> dict[str, HoldState]:
    return {hold.from_user_id: hold.state for hold in world.wallet.holds()}


@pytest.mark.parametrize("odd", SENSELESS.values(), ids=SENSELESS)
def test_viewer_sees_their_goal_without_the_cost_and_the_operator_an_error(
    odd: Says, caplog: pytest.LogCaptureFixture
) -> None:
    world, goal = platform(OddFor(VIEWER, odd))
    seen = world.container.view_goal()(goal.id, Viewer(id=VIEWER))
    assert (seen.goal, seen.state, seen.show) == (world.goal(goal.id), GoalState.SHOWING, None)
    (record,) = caplog.records
    transaction_id = f"session:trigger-private:{goal.id}:{VIEWER}"
    assert (record.levelno, record.name) == (logging.ERROR, "show_goal.settlement")
    assert vars(record).items() >= {"goal_id": goal.id, "session_id": SESSION, "transaction_id": transaction_id}.items()
    assert f"the settlement rule OddFor has failed for {transaction_id}" in record.message
    assert ("OddFor", "left out") in world.steps("view_goal", "rule")


def test_of_whom_a_rule_makes_sense_sees_the_cost(caplog: pytest.LogCaptureFixture) -> None:
    world, goal = platform(OddFor(VIEWER, fails))
    show = world.container.view_goal()(goal.id, Viewer(id=VIEWER_2)).show
    assert show is not None
    assert show.released == 300
    assert caplog.records == []


def test_log_that_fails_keeps_nobody_from_their_goal_D44(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    world, goal = platform(OddFor(VIEWER, fails))
    monkeypatch.setattr(logging.getLogger("show_goal.settlement"), "error", fail)
    assert world.container.view_goal()(goal.id, Viewer(id=VIEWER)).show is None


@pytest.mark.parametrize(
    ("odd", "named"),
    [*((odd, True) for odd in SENSELESS.values()), (says(1, year=9999), False)],
    ids=[*SENSELESS, "never due"],
)
def test_odd_host_rule_moves_no_money_and_holds_up_no_other_goal_D43(odd: Says, named: bool) -> None:
    world, goal = platform(OddFor(VIEWER, odd))
    world.sessions.add(a_session(id=OTHER_SESSION, streamer_id=OTHER_STREAMER, preset="sd"))
    world.invite(VIEWER_2, session_id=OTHER_SESSION)
    world.run_due()
    world.answer(world.goals.all()[-1].id, agree=True, streamer_id=OTHER_STREAMER)
    world.task_queue.purge()
    world.clock.advance(timedelta(minutes=6))
    with pytest.raises(ExceptionGroup) if named else nullcontext():
        world.sweep()
    assert [(hold.goal_id == goal.id, hold.state) for hold in world.wallet.holds()] == [
        (True, HoldState.HELD),
        (True, HoldState.HELD),
        (False, HoldState.RELEASED),
    ]
    assert world.is_set_aside(goal.id) is named


@pytest.mark.parametrize("odd", SENSELESS.values(), ids=SENSELESS)
def test_nothing_is_lost_while_a_rule_fails_and_the_money_moves_once_it_is_repaired(odd: Says) -> None:
    rule = OddFor(VIEWER, odd)
    world, goal = platform(rule)
    world.clock.advance(timedelta(seconds=61))
    with pytest.raises(ExceptionGroup):
        world.run_due()
    assert world.goal(goal.id).settlement is None
    with pytest.raises(ExceptionGroup, match="1 of the sweep's steps failed"):
        world.sweep()
    rule.says = whole
    world.clock.advance(timedelta(minutes=2))
    world.sweep()
    assert world.available()[STREAMER] == 600


def test_rule_that_fails_for_a_viewer_when_the_money_moves_holds_up_no_other_viewers_D43() -> None:
    rule = OddFor(VIEWER, whole)
    world, goal = platform(rule)
    world.clock.advance(timedelta(seconds=61))
    world.container.deciding()(world.goal(goal.id))
    rule.says = fails
    world.container.settle_escrow()(SettleEscrow(goal_id=goal.id))
    assert states(world) == {VIEWER: HoldState.HELD, VIEWER_2: HoldState.RELEASED}
    rule.says = whole
    world.clock.advance(timedelta(minutes=2))
    world.sweep()
    assert world.available()[STREAMER] == 600


def test_goal_without_a_deposit_waits_for_a_rule_that_fails() -> None:
    rule = OddFor(VIEWER, whole)
    world, goal = platform(rule)
    rule.viewer_id, rule.says = "", fails
    for hold in world.wallet.holds():
        world.container.refund_hold()(hold.transaction_id, "a complaint")
    world.clock.advance(timedelta(seconds=61))
    with pytest.raises(RuleFailed, match=f"OddFor has failed for {goal.id}: RuntimeError"):
        world.container.settle_escrow()(SettleEscrow(goal_id=goal.id))


def test_rule_is_named_by_its_class_or_as_a_function() -> None:
    assert [name_of(whole_once_begun), name_of(OddFor(VIEWER, whole))] == ["WholeOnceBegun", "OddFor"]

    class Names:
        metered = True
        __name__ = "in_full"

        def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
            return whole(facts, deposit)

    assert name_of(Names()) == "in_full"
