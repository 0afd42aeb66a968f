"""Pay for what was shown: the settlement rule ``for_time_shown``. A second costs 1, so amounts are seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.decision import Rule, Settlement
from show_goal.core.interval import Interval
from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Viewer
from show_goal.core.rules.states import GoalState
from show_goal.ports.errors import NotifierUnavailable, TaskQueueUnavailable
from tests.builders import NOW, SESSION, STREAMER, VIEWER, VIEWER_2
from tests.world import World, meanwhile

from .metered import GRACE, HOUR, metered, paid, show_on


@pytest.fixture
def world() -> World:
    """A session on preview. Who leaves sd may come back within 20 s."""
    return metered()


def test_show_that_is_played_in_full_costs_the_whole_deposit(world: World) -> None:
    show_on(world, **{VIEWER: 90})
    assert paid(world) == {VIEWER: -90, VIEWER_2: 0, STREAMER: 90}
    assert world.rule_of(world.goals.all()[0].id) is Rule.FOR_TIME_SHOWN


def test_show_that_is_left_early_for_good_costs_what_was_shown(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.wait(30)
    world.switch_preset("preview")
    assert paid(world) == {VIEWER: -30, VIEWER_2: 0, STREAMER: 30}


def test_pause_within_the_grace_time_costs_nothing(world: World) -> None:
    show_on(world, **{VIEWER: 90})
    world.wait(30)
    world.switch_preset("preview")
    world.wait(10)
    world.switch_preset("sd")
    assert paid(world) == {VIEWER: -80, VIEWER_2: 0, STREAMER: 80}


def test_show_that_comes_back_after_the_grace_time_is_not_paid_for(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.wait(30)
    world.switch_preset("preview")
    world.wait(GRACE + 1)
    world.switch_preset("sd")
    assert paid(world) == {VIEWER: -30, VIEWER_2: 0, STREAMER: 30}


def test_show_that_never_began_costs_nothing_D40(world: World) -> None:
    world.invite()
    world.run_due()
    world.agree(world.goals.all()[0].id)
    world.wait(61)
    world.switch_preset("sd")
    assert paid(world) == {VIEWER: 0, VIEWER_2: 0}
    assert world.rule_of(world.goals.all()[0].id) is Rule.NO_SHOW


def test_session_that_dies_without_a_word_is_over_at_its_last_sign_of_life(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.sessions.add(evolve(world.sessions.get(SESSION), last_seen=NOW + timedelta(seconds=40)))
    world.wait(101)
    world.sweep()
    world.run_due()
    assert paid(world) == {VIEWER: -40, VIEWER_2: 0, STREAMER: 40}


def test_session_without_signs_of_life_counts_until_a_sweep_last_saw_it(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.wait(70)
    world.sessions.add(evolve(world.sessions.get(SESSION), active=False))
    world.clock.advance(timedelta(seconds=60))
    world.sweep()
    assert paid(world) == {VIEWER: -70, VIEWER_2: 0, STREAMER: 70}


def test_each_viewer_pays_for_their_own_time(world: World) -> None:
    show_on(world, **{VIEWER: 60, VIEWER_2: 200})
    world.wait(90)
    world.switch_preset("preview")
    assert paid(world) == {VIEWER: -60, VIEWER_2: -90, STREAMER: 150}


def test_time_that_is_bought_in_the_show_is_paid_for_when_its_turn_comes_D37(world: World) -> None:
    show_on(world, **{VIEWER: 60})
    world.wait(30)
    world.invite(VIEWER, duration=60, exp=int(world.clock.now().timestamp()) + 200)
    world.run_due()
    world.agree(world.goals.all()[-1].id)
    world.wait(50)
    world.switch_preset("preview")
    assert paid(world) == {VIEWER: -80, VIEWER_2: 0, STREAMER: 80}


def test_a_goal_is_showing_until_its_escrow_is_decided(world: World) -> None:
    goal = show_on(world, **{VIEWER: 300})
    world.wait(100)
    seen = world.container.view_goal()(goal.id, Viewer(id=VIEWER))
    assert seen.state is GoalState.SHOWING
    assert seen.show is not None
    assert (seen.show.released, seen.show.shown) == (100, timedelta(seconds=100))
    assert seen.show.ends == NOW + timedelta(seconds=300)
    assert world.container.view_goal()(goal.id, Viewer(id=STREAMER)).show is None

    world.wait(HOUR)
    assert world.container.view_goal()(goal.id, Viewer(id=VIEWER)).state is GoalState.RELEASED
    assert world.container.view_goal()(goal.id, Viewer(id=VIEWER)).show is None


def test_channels_hear_when_the_show_begins_and_ends(world: World) -> None:
    goal = show_on(world, **{VIEWER: 300})
    (began,) = world.notified("show.began")
    assert began.payload == {"goal_id": goal.id, "session_id": SESSION, "began": NOW}
    world.wait(100)
    world.switch_preset("preview")
    world.wait(HOUR)
    (ended,) = world.notified("show.ended")
    assert ended.payload["ended"] == NOW + timedelta(seconds=100)
    assert len(world.notified("show.began")) == 1


def test_show_on_a_session_that_is_on_sd_already_begins_with_the_agreement(world: World) -> None:
    world.switch_preset("sd")
    world.invite()
    world.run_due()
    world.wait(5)
    world.agree(world.goals.all()[0].id)
    assert world.goals.all()[0].on_sd == (Interval(since=NOW + timedelta(seconds=5)),)
    assert len(world.notified("show.began")) == 1


def test_sweeps_alone_settle_a_show(world: World) -> None:
    goal = show_on(world, **{VIEWER: 300})
    world.wait(100)
    world.switch_preset("preview")
    world.task_queue.purge()
    world.clock.advance(timedelta(seconds=121))
    world.sweep()
    assert [hold.part for hold in world.wallet.holds() if hold.goal_id == goal.id] == [100]


def test_a_sweep_leaves_a_show_that_goes_on_alone_for_a_minute(world: World, mocker: MockerFixture) -> None:
    goal = show_on(world, **{VIEWER: 900})
    world.wait(60)
    fetch = mocker.spy(world.sessions, "fetch")
    for _ in range(3):
        world.clock.advance(timedelta(seconds=15))
        world.sweep()
    assert fetch.call_count == 0
    world.clock.advance(timedelta(seconds=15))
    world.sweep()
    assert fetch.call_count > 0
    assert world.goal(goal.id).settlement is None


def test_a_task_that_comes_too_early_sets_its_timer_again(world: World) -> None:
    goal = show_on(world, **{VIEWER: 300})
    world.wait(70)
    assert world.container.settle_escrow()(SettleEscrow(goal_id=goal.id)) is None
    last = world.task_queue.queued()[-1]
    assert (last.message, last.due) == (SettleEscrow(goal_id=goal.id), NOW + timedelta(seconds=300))


def test_wallet_that_releases_no_parts_gets_the_whole_rule(caplog: pytest.LogCaptureFixture) -> None:
    whole = MemoryWallet()
    whole.releases_parts = False
    world = metered(wallet=whole)
    whole.credit(VIEWER, 300)
    goal = show_on(world, **{VIEWER: 300})
    world.wait(61)
    assert whole.statement(STREAMER, None).available == 300
    assert world.goal(goal.id).on_sd == ()
    assert "MemoryWallet releases no part of a hold" in caplog.text


def test_crowd_pays_for_the_time_shown_page_by_page(world: World) -> None:
    crowd = [f"viewer{number}" for number in range(250)]
    for viewer_id in crowd:
        world.wallet.credit(viewer_id, 500)
    show_on(world, **dict.fromkeys(crowd, 300))
    world.wait(100)
    world.switch_preset("preview")
    world.wait(HOUR)
    has = world.available()
    assert {has[viewer_id] for viewer_id in crowd} == {400}
    assert has[STREAMER] == 25_000


def test_switch_goes_through_while_the_queue_is_away_and_a_sweep_ends_the_show(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.wait(100)

    def away(*_: Any, **__: Any) -> None:
        raise TaskQueueUnavailable("it is away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.task_queue, "trigger", away)
        world.switch_preset("preview")
    world.clock.advance(timedelta(seconds=121))
    world.sweep()
    assert paid(world) == {VIEWER: -100, VIEWER_2: 0, STREAMER: 100}


def test_channel_service_that_is_away_holds_up_no_show_D44(world: World) -> None:
    def away(*_: Any) -> None:
        raise NotifierUnavailable("it is away")

    world.invite(VIEWER, duration=300)
    world.run_due()
    world.agree(world.goals.all()[0].id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.notifier, "notify", away)
        world.switch_preset("sd")
    assert world.goals.all()[0].on_sd
    assert paid(world) == {VIEWER: -300, VIEWER_2: 0, STREAMER: 300}


def test_show_whose_escrow_was_decided_meanwhile_records_no_more(world: World) -> None:
    goal = show_on(world, **{VIEWER: 300})
    meanwhile(world.goals, "record_on_sd", lambda: world.goals.decide(goal.id, Settlement.REFUNDED))
    world.wait(10)
    world.switch_preset("preview")
    assert world.goal(goal.id).on_sd == (Interval(since=NOW),)
