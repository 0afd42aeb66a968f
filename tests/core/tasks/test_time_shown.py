"""Pay for what was shown: the settlement rule ``for_time_shown``. A second costs 1, so amounts are seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.interval import Interval
from show_goal.core.messages import SettleEscrow
from show_goal.core.model import Goal, HoldState, Rule, Settlement, Viewer, ViewerPass
from show_goal.core.rules.settlement import ForTimeShown
from show_goal.core.rules.states import GoalState
from show_goal.ports.errors import NotifierUnavailable, StoreUnavailable, TaskQueueUnavailable
from tests.builders import NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_session
from tests.world import World, meanwhile

GRACE = 20
HOUR = 3_600


@pytest.fixture
def world() -> World:
    """A session on preview. Who leaves sd may come back within 20 s."""
    return metered()


def metered(**replaced: Any) -> World:
    rule = ForTimeShown(grace=timedelta(seconds=GRACE))
    world = World.make(settlement_rule=rule, **replaced)
    world.sessions.add(a_session(preset="preview"))
    return world


def show_on(world: World, **viewers: int) -> Goal:
    """The viewers have paid for so many seconds each, the streamer has agreed, and the show begins now."""
    for viewer_id, duration in viewers.items():
        world.invite(viewer_id, duration=duration)
        world.run_due()
    goal = world.goals.all()[-1]
    world.agree(goal.id)
    world.switch_preset("sd")
    world.run_due()
    return world.goal(goal.id)


def paid(world: World) -> dict[str, int]:
    """Who has paid or earned how much in the end."""
    world.wait(HOUR)
    before = {VIEWER: 1_000, VIEWER_2: 1_000}
    return {user_id: has - before.get(user_id, 0) for user_id, has in world.available().items()}


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


def test_viewer_who_could_see_nothing_gets_everything_back_and_the_pass_goes_D39(world: World) -> None:
    goal = show_on(world, **{VIEWER: 60})
    world.wait(30)
    world.invite(VIEWER, duration=60, exp=int(world.clock.now().timestamp()) + 200)
    world.run_due()
    extension = world.goals.all()[-1]
    world.agree(extension.id)
    world.wait(10)
    world.switch_preset("preview")
    assert paid(world) == {VIEWER: -40, VIEWER_2: 0, STREAMER: 40}
    hold = world.wallet.find(f"session:trigger-private:{extension.id}:{VIEWER}")
    assert hold is not None
    assert hold.state is HoldState.REFUNDED
    left = world.passes.find(SESSION, VIEWER)
    assert left is not None
    assert left.duration == 40
    assert goal.settlement is None


def test_of_two_viewers_the_one_who_saw_nothing_gets_everything_back_D39(world: World) -> None:
    show_on(world, **{VIEWER: 60})
    world.wait(30)
    for viewer_id in (VIEWER, VIEWER_2):
        world.invite(viewer_id, duration=100)
        world.run_due()
    world.agree(world.goals.all()[-1].id)
    world.wait(20)
    world.switch_preset("preview")
    assert paid(world) == {VIEWER: -50, VIEWER_2: -20, STREAMER: 70}
    left = world.passes.find(SESSION, VIEWER)
    assert left is not None
    assert left.duration == 50


def test_pass_that_cannot_be_taken_back_keeps_the_money_held_D39(world: World) -> None:
    show_on(world, **{VIEWER: 60})
    world.wait(30)
    for viewer_id in (VIEWER, VIEWER_2):
        world.invite(viewer_id, duration=100)
        world.run_due()
    extension = world.goals.all()[-1]
    world.agree(extension.id)
    world.wait(20)
    world.switch_preset("preview")
    passes = world.passes

    def refuse(*_: Any) -> None:
        raise ValueError("this pass is odd")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passes, "take_back", refuse)
        world.wait(100, quiet=True)
        assert {hold.state for hold in world.wallet.holds() if hold.from_user_id == VIEWER_2} == {HoldState.RELEASED}
        own = world.wallet.find(f"session:trigger-private:{extension.id}:{VIEWER}")
        assert own is not None
        assert own.state is HoldState.HELD
    world.clock.advance(timedelta(seconds=HOUR))
    world.sweep()
    assert paid(world) == {VIEWER: -50, VIEWER_2: -20, STREAMER: 70}


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


def test_pass_ends_with_a_show_that_ended_early_and_the_next_show_is_paid_for_D39(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.wait(30)
    world.switch_preset("preview")
    world.wait(100)
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW, duration=30)
    assert len(world.notified("stream.unauthorized")) == 1

    show_on(world, **{VIEWER: 60})
    assert paid(world) == {VIEWER: -90, VIEWER_2: 0, STREAMER: 90}


def test_pass_ends_with_a_show_whose_session_fell_silent_although_it_might_have_come_back_D39() -> None:
    """The streamer may leave for 5 minutes. A session that is silent for one is over."""
    world = World.make(settlement_rule=ForTimeShown(grace=timedelta(minutes=5)))
    world.sessions.add(a_session(preset="preview"))
    show_on(world, **{VIEWER: 900})
    world.sessions.add(evolve(world.sessions.get(SESSION), last_seen=NOW + timedelta(seconds=40)))
    world.clock.advance(timedelta(seconds=120))
    world.sweep()
    assert world.wallet.holds()[0].released == 40
    assert world.passes.find(SESSION, VIEWER) == ViewerPass(nbf=NOW, duration=40)


def test_pass_that_cannot_be_shortened_keeps_the_money_held_D39(world: World) -> None:
    show_on(world, **{VIEWER: 300})
    world.wait(30)
    world.switch_preset("preview")

    def away(*_: Any) -> None:
        raise StoreUnavailable("away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.passes, "shorten", away)
        world.wait(100, quiet=True)
        assert world.wallet.holds()[0].state is HoldState.HELD
    world.clock.advance(timedelta(seconds=HOUR))
    world.sweep()
    assert paid(world) == {VIEWER: -30, VIEWER_2: 0, STREAMER: 30}
