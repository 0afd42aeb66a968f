"""Races for what was shown: several requests and workers look at one show at once. A second costs 1."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from show_goal.core.errors import OutOfTime
from show_goal.core.interval import Interval
from show_goal.core.model import Viewer
from show_goal.core.money import Hold, HoldState
from show_goal.core.rules.settlement import ForTimeShown
from show_goal.ports.errors import WalletUnavailable
from tests.builders import NOW, SESSION, STREAMER, VIEWER, a_session
from tests.world import World, meanwhile


@pytest.fixture
def world() -> World:
    """A show is on since ``NOW``, and one viewer has paid for 90 s. Who leaves sd may come back within 20 s."""
    world = World.make(settlement_rule=ForTimeShown(grace=timedelta(seconds=20)))
    world.sessions.add(a_session(preset="preview"))
    world.invite(VIEWER, duration=90)
    world.run_due()
    world.agree(world.goals.all()[0].id)
    world.switch_preset("sd")
    return world


def at(seconds: int) -> Interval:
    return Interval(since=NOW + timedelta(seconds=seconds))


def test_request_that_was_overtaken_ends_no_later_time_on_sd(world: World) -> None:
    """It saw the session on preview. Before it records that, the streamer is back."""

    def comes_back() -> None:
        world.clock.advance(timedelta(seconds=5))
        world.switch_preset("sd")

    world.clock.advance(timedelta(seconds=10))
    meanwhile(world.goals, "record_on_sd", comes_back)
    world.switch_preset("preview")
    on_sd = world.goals.all()[0].on_sd
    assert on_sd == (Interval(since=NOW, until=NOW + timedelta(seconds=10)), at(15))

    world.wait(3_600)
    assert world.available()[STREAMER] == 85


def test_worker_that_stalled_takes_no_session_for_silent(world: World) -> None:
    """It read the session, and waits a minute for the goals. The host says meanwhile that the session is alive."""

    def see() -> None:
        world.sessions.add(evolve(world.sessions.get(SESSION), last_seen=world.clock.now()))

    def stalls() -> None:
        world.clock.advance(timedelta(seconds=61))
        see()

    world.invite(VIEWER, duration=90, exp=int(NOW.timestamp()) + 200)
    world.run_due()
    extension = world.goals.all()[1]
    world.container.answer_goal()(extension.id, Viewer(id=STREAMER), True)
    world.clock.advance(timedelta(seconds=10))
    see()
    meanwhile(world.goals, "record_on_sd", stalls)
    world.run_due()
    assert world.goal(extension.id).on_sd == (at(0),)


def test_refund_that_broke_off_goes_on_although_the_time_before_was_given_back_D39(world: World) -> None:
    """The viewer bought 60 s behind 90 s. The show ended before those began, and the pass for them is gone."""
    world.invite(VIEWER, duration=60, exp=int(NOW.timestamp()) + 200)
    world.run_due()
    first, extension = world.goals.all()
    world.agree(extension.id)
    world.clock.advance(timedelta(seconds=10))
    world.switch_preset("preview")
    world.passes.take_back(SESSION, extension.id, [VIEWER], world.clock.now())
    world.passes.take_back(SESSION, first.id, [VIEWER], world.clock.now())
    world.wait(3_600)
    assert {hold.state for hold in world.wallet.holds()} == {HoldState.REFUNDED}


def test_nobody_pays_twice_for_seconds_because_what_they_bought_before_is_given_back_D37(world: World) -> None:
    """Three times 90 s, the first of which stay held. An operator gives them back once the second are paid for."""
    for ttl in (500, 600):
        world.invite(VIEWER, duration=90, exp=int(NOW.timestamp()) + ttl)
        world.run_due()
        world.agree(world.goals.all()[-1].id)
        world.run_due()
    first, second, third = (f"session:trigger-private:{goal.id}:{VIEWER}" for goal in world.goals.all())
    release = world.wallet.release

    def releases_no_first(transaction_id: str, amount: int | None = None) -> Hold:
        if transaction_id == first:
            raise WalletUnavailable("away")
        return release(transaction_id, amount)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.wallet, "release", releases_no_first)
        world.wait(225, quiet=True)
    assert {hold.transaction_id for hold in world.wallet.holds() if hold.state is HoldState.HELD} == {first, third}
    world.container.refund_hold()(first, "a complaint")
    world.switch_preset("preview")
    world.wait(3_600)
    assert [hold.released for hold in map(world.wallet.find, (first, second, third)) if hold] == [0, 90, 45]


def test_channel_service_that_hangs_keeps_no_money_of_a_show_D44(world: World) -> None:
    """It hangs until the sweep is interrupted."""

    def hangs(*_: object) -> None:
        raise OutOfTime

    world.wait(10)
    world.switch_preset("preview")
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=121))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.notifier, "notify", hangs)
        with pytest.raises(OutOfTime):
            world.sweep()
    assert world.available()[STREAMER] == 10
