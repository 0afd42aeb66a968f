"""What goes wrong in a show that is paid for by its time: nobody pays for more than was shown, or for less.

A second costs 1, so amounts are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import call

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.adapters.container import Container
from show_goal.core.decision import Rule
from show_goal.core.errors import NotMetered
from show_goal.core.messages import SettleEscrow, Sweep
from show_goal.core.model import Goal, Viewer, ViewerPass
from show_goal.core.money import HoldState
from show_goal.core.rules.settlement import Deposit, Facts, ForTimeShown, SettlementRule, Verdict, whole_once_begun
from tests.builders import NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_session
from tests.world import World, meanwhile

GRACE = 20
HOUR = 3_600
PORTS = "clock", "sessions", "goals", "passes", "wallet", "task_queue", "notifier", "sweeps"


@pytest.fixture
def world() -> World:
    """A session on preview. Who leaves sd may come back within 20 s."""
    return with_rule(ForTimeShown(grace=timedelta(seconds=GRACE)))


def with_rule(rule: object) -> World:
    world = World.make(settlement_rule=rule)
    world.sessions.add(a_session(preset="preview"))
    return world


def agreed(world: World, *viewer_ids: str, duration: int = 300) -> Goal:
    """The viewers have paid for so many seconds each, and the streamer has agreed."""
    for viewer_id in viewer_ids:
        world.invite(viewer_id, duration=duration, exp=int(world.clock.now().timestamp()) + 200)
        world.run_due()
    goal = world.goals.all()[-1]
    world.agree(goal.id)
    return goal


def show_on(world: World, *viewer_ids: str, duration: int = 300) -> Goal:
    """The same, and the show begins now."""
    goal = agreed(world, *viewer_ids, duration=duration)
    world.switch_preset("sd")
    world.run_due()
    return world.goal(goal.id)


def earned(world: World) -> int:
    """What the streamer has in the end."""
    world.wait(HOUR)
    world.sweep()
    return world.available().get(STREAMER, 0)


def decided(world: World, goal: Goal) -> Goal:
    """The worker dies after the escrow was decided, before any money has moved."""

    def die() -> None:
        raise SystemExit

    meanwhile(world.wallet, "release", die)
    world.clock.advance(timedelta(seconds=61))
    with pytest.raises(SystemExit):
        world.run_due()
    return world.goal(goal.id)


def worker_with(world: World, rule: SettlementRule) -> Container:
    """Another worker of the same platform."""
    ports: dict[str, Any] = {name: getattr(world, name) for name in PORTS}
    return Container.in_memory(**ports, settlement_rule=rule)


def test_decision_by_the_time_shown_waits_for_a_worker_with_a_metered_rule(world: World) -> None:
    goal = show_on(world, VIEWER)
    world.wait(30)
    world.switch_preset("preview")
    assert world.rule_of(decided(world, goal).id) is Rule.FOR_TIME_SHOWN

    other = worker_with(world, whole_once_begun)
    with pytest.raises(NotMetered):
        other.settle_escrow()(SettleEscrow(goal_id=goal.id))
    world.clock.advance(timedelta(minutes=5))
    with pytest.raises(ExceptionGroup):
        other.sweep()(Sweep())
    assert world.is_set_aside(goal.id)
    assert earned(world) == 30


def test_decision_by_the_whole_rule_is_carried_out_by_a_worker_with_a_metered_one(world: World) -> None:
    goal = agreed(world, VIEWER)
    whole = worker_with(world, whole_once_begun)
    whole.switch_preset()(Viewer(id=STREAMER), "sd")
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=61))
    whole.deciding()(world.goal(goal.id))
    assert world.rule_of(goal.id) is Rule.SHOW_BEGAN
    assert earned(world) == 300


def test_switch_is_a_sign_of_life_of_a_session_that_was_silent_before(world: World) -> None:
    world.sessions.add(evolve(world.sessions.get(SESSION), last_seen=NOW - timedelta(seconds=70)))
    show_on(world, VIEWER, duration=100)
    for _ in range(11):
        world.wait(10)
        world.sessions.add(evolve(world.sessions.get(SESSION), last_seen=world.clock.now()))
    assert earned(world) == 100


def test_agreement_is_a_sign_of_life_too(world: World) -> None:
    silent = evolve(world.sessions.get(SESSION), preset="sd", last_seen=NOW - timedelta(seconds=70))
    world.sessions.add(silent)
    goal = agreed(world, VIEWER)
    assert world.goal(goal.id).on_sd[-1].until is None


class FiveMinutesAfterTheSession:
    """A host's rule: the whole deposit, five minutes after the session is over."""

    metered = True

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        over = facts.session_over or facts.now
        return Verdict(due=over + timedelta(minutes=5), released=deposit.amount, rule=Rule.SHOW_BEGAN)


def test_end_of_a_session_stays_where_it_was_for_a_rule_that_waits_longer() -> None:
    world = with_rule(FiveMinutesAfterTheSession())
    show_on(world, VIEWER)
    world.wait(70)
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))
    for _ in range(30):
        world.wait(15)
        world.sweep()
    assert world.available()[STREAMER] == 300


def test_whoever_was_refunded_in_the_show_sees_no_cost_of_it(world: World) -> None:
    goal = show_on(world, VIEWER, VIEWER_2)
    world.wait(100)
    world.container.refund_hold()(f"session:trigger-private:{goal.id}:{VIEWER}", "a complaint")
    assert world.container.view_goal()(goal.id, Viewer(id=VIEWER)).show is None
    world.switch_preset("preview")
    assert earned(world) == 100


def test_sweep_reads_the_goal_of_a_show_that_goes_on_once_however_many_have_paid(
    world: World, mocker: MockerFixture
) -> None:
    goal = show_on(world, VIEWER, VIEWER_2, duration=900)
    world.wait(370)  # the holds' exp is past
    world.sweep()
    read, at_once = mocker.spy(world.goals, "get"), mocker.spy(world.goals, "get_many")
    world.clock.advance(timedelta(seconds=15))
    world.sweep()
    assert (read.call_count, at_once.call_args_list) == (0, [call({goal.id})])


def test_viewer_whose_pass_was_lost_is_let_in_when_the_show_is_looked_at_and_pays_from_then_on_D38(
    world: World,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.passes, "admit", lambda *_: None)
        show_on(world, VIEWER, duration=100)
    world.wait(60)
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW + timedelta(seconds=60), duration=100)
    world.wait(70)
    world.switch_preset("preview")
    assert earned(world) == 70


def test_viewer_who_cannot_be_let_in_holds_up_no_other_viewers_show_D39(world: World) -> None:
    admit = world.passes.admit

    def some(session_id: str, goal_id: str, viewers: Mapping[str, ViewerPass], now: datetime) -> None:
        if VIEWER in viewers:
            raise ValueError("this pass is odd")
        admit(session_id, goal_id, viewers, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.passes, "admit", some)
        show_on(world, VIEWER, VIEWER_2, duration=100)
        world.wait(60, quiet=True)
        world.wait(40, quiet=True)
        states = {hold.from_user_id: hold.state for hold in world.wallet.holds()}
        assert states == {VIEWER: HoldState.HELD, VIEWER_2: HoldState.RELEASED}
    world.clock.advance(timedelta(seconds=HOUR))
    assert earned(world) == 100


def test_next_sweep_moves_the_money_of_a_show_whose_worker_died_behind_the_decision(world: World) -> None:
    goal = show_on(world, VIEWER)
    world.wait(240)
    world.sweep()  # it looks again in a minute
    world.switch_preset("preview")
    world.clock.advance(timedelta(seconds=GRACE + 1))
    world.container.deciding()(world.goal(goal.id))
    world.task_queue.purge()
    world.sweep()
    assert world.available()[STREAMER] == 240


def test_next_sweep_moves_the_money_of_a_short_show_whose_worker_died_behind_the_decision(world: World) -> None:
    """The hold's exp is ahead, and sweeps were to look at the show in a minute."""
    goal = show_on(world, VIEWER)
    world.wait(61)
    world.switch_preset("preview")
    world.clock.advance(timedelta(seconds=GRACE + 1))
    world.container.deciding()(world.goal(goal.id))
    world.task_queue.purge()
    world.sweep()
    assert world.available()[STREAMER] == 61


def test_viewer_who_cannot_be_let_in_at_all_pays_nothing_for_now_D39(world: World) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("this pass is odd")

    world.invite(VIEWER, duration=100)
    world.run_due()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.passes, "admit", refuse)
        world.container.answer_goal()(world.goals.all()[0].id, Viewer(id=STREAMER), True)
        world.run_due(quiet=True)
        world.switch_preset("sd")
        world.wait(HOUR, quiet=True)
        assert [hold.state for hold in world.wallet.holds()] == [HoldState.HELD]
