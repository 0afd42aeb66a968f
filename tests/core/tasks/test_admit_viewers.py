"""A crowd is let in and told part by part, and one odd viewer holds up nobody (D36, D43, M5)."""

from __future__ import annotations

from collections import Counter

import pytest

from show_goal.core.crowd import PART
from show_goal.core.errors import GoalUnknown
from show_goal.core.messages import AdmitViewers, DeactivateGoal
from show_goal.core.model import ViewerPass
from show_goal.core.money import HoldState
from show_goal.core.names import SHOW_FUNDING_GOAL, SHOW_GOAL
from show_goal.ports.errors import NotificationRefused, NotifierUnavailable, StoreUnavailable
from show_goal.ports.notifier import Notification
from tests.builders import GOAL, GOAL_2, NOW, SESSION, VIEWER, a_goal, a_hold
from tests.world import World, meanwhile

from .crowds import MANY, PAYERS, SECOND, Particular, a_crowd, before, channels_of, states, told

ODD = "auth0|1"


@pytest.fixture
def crowd() -> World:
    return a_crowd()


def admit(world: World, **headers: object) -> None:
    world.container.admit_viewers()(AdmitViewers(goal_id=GOAL, **headers))  # type: ignore[arg-type]


def units(world: World, name: str) -> int:
    return sum(trace.name == name for trace in world.traces)


def test_everybody_is_let_in_and_told_once(crowd: World) -> None:
    crowd.agree(GOAL)
    assert crowd.passes.of(SESSION) == dict.fromkeys(PAYERS, ViewerPass(nbf=NOW, duration=90))
    assert told(crowd) == channels_of(PAYERS)


def test_the_end_itself_does_one_part_of_each_and_leaves_the_rest_to_others(crowd: World) -> None:
    crowd.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    crowd.container.deactivate_goal()(DeactivateGoal(goal_id=GOAL))
    assert len(crowd.passes.of(SESSION)) == PART
    assert told(crowd).total() == PART
    rests = [message for message in crowd.messages() if isinstance(message, AdmitViewers)]
    assert [(rest.goal_id, rest.tell) for rest in rests] == [(GOAL, None), (GOAL, True)]
    assert None not in [rest.after for rest in rests]


def test_no_trace_grows_with_the_crowd(crowd: World) -> None:
    crowd.agree(GOAL)
    sizes = [len(str(trace.as_dict())) for trace in crowd.traces]
    assert units(crowd, "admit_viewers") == 2 + 2
    assert max(sizes) < 20_000


def test_a_run_goes_on_for_3_s_and_the_next_one_begins_there(crowd: World) -> None:
    calls = Counter[str]()

    def takes_time(session_id: str, goal_id: str, viewers: object, now: object) -> None:
        calls["admit"] += 1
        crowd.clock.advance(SECOND * 2)

    before(crowd.passes, "admit", takes_time)
    crowd.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    admit(crowd)
    assert calls["admit"] == 2
    (rest,) = crowd.messages()
    assert isinstance(rest, AdmitViewers)
    assert (rest.goal_id, rest.tell) == (GOAL, None)
    crowd.run_due()
    assert calls["admit"] == 3, "and not from the front"
    assert len(crowd.passes.of(SESSION)) == MANY


def test_passes_are_written_although_the_channels_are_away_D44(crowd: World) -> None:
    def away(_: object) -> None:
        raise NotifierUnavailable("no answer")

    before(crowd.notifier, "notify", away)
    crowd.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    with pytest.raises(ExceptionGroup):
        crowd.container.deactivate_goal()(DeactivateGoal(goal_id=GOAL))
    crowd.run_due()
    assert len(crowd.passes.of(SESSION)) == MANY
    assert told(crowd) == {}


def test_one_channel_that_cannot_be_used_keeps_no_other_from_hearing_M5() -> None:
    notifier = Particular()
    world = a_crowd([*PAYERS[:150], ODD], notifier=notifier)
    world.agree(GOAL)
    assert told(world, notifier) == channels_of(PAYERS[:150])
    assert ODD in world.passes.of(SESSION)
    assert {trace.outcome for trace in world.traces} == {"done"}, "nothing is retried for it"
    steps = [step for trace in world.traces for step in trace.as_dict()["steps"]]  # type: ignore[attr-defined]
    (refused,) = [step for step in steps if step["kind"] == "notification" and step["outcome"] == "refused"]
    assert refused["channels"] == [*channels_of([ODD])], "it is named"


def test_one_pass_that_cannot_be_written_keeps_no_other_from_being_written_D39(crowd: World) -> None:
    def fail(session_id: str, goal_id: str, viewers: dict[str, ViewerPass], now: object) -> None:
        if PAYERS[7] in viewers:
            raise ValueError("a text that is no text")

    before(crowd.passes, "admit", fail)
    crowd.agree(GOAL)
    assert crowd.passes.of(SESSION).keys() == {*PAYERS} - {PAYERS[7]}
    assert told(crowd) == channels_of(PAYERS)
    steps = crowd.trace("deactivate_goal")["steps"]
    (left_out,) = [step for step in steps if step["kind"] == "pass"]
    assert (left_out["name"], left_out["outcome"]) == (PAYERS[7], "left out")


@pytest.mark.parametrize(
    ("error", "raised"), [(StoreUnavailable("no answer"), StoreUnavailable), (ValueError("all are"), ExceptionGroup)]
)
def test_if_no_pass_can_be_written_the_task_is_retried(crowd: World, error: Exception, raised: type[Exception]) -> None:
    calls = Counter[str]()

    def fail(session_id: str, goal_id: str, viewers: object, now: object) -> None:
        calls["admit"] += 1
        raise error

    before(crowd.passes, "admit", fail)
    crowd.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    with pytest.raises(raised):
        admit(crowd)
    assert calls["admit"] == (1 if raised is StoreUnavailable else 1 + PART), "a store that is away is asked once"


def test_who_is_counted_and_has_no_hold_is_not_told_F10(crowd: World) -> None:
    others = [f"other {number:03}" for number in range(PART + 20)]
    for other in others:
        crowd.progress(GOAL, f"insert {other}", other)
    for payer in PAYERS:
        crowd.progress(GOAL, a_hold(viewer_id=payer).transaction_id, payer)
    crowd.agree(GOAL)
    assert told(crowd) == channels_of(PAYERS), "each once, and nobody without a hold"
    assert crowd.passes.of(SESSION).keys() == {*PAYERS}


def test_of_a_few_viewers_no_hold_is_looked_for_by_itself(world: World) -> None:
    finds = Counter[str]()
    world.goals.insert(a_goal())
    world.pay(GOAL, f"trigger_private:{GOAL}")
    before(world.wallet, "find", lambda transaction_id: finds.update([transaction_id]))
    world.agree(GOAL)
    assert told(world) == channels_of([VIEWER])
    assert finds == {}


def test_a_crowd_without_any_hold_is_not_told_F10(world: World) -> None:
    world.goals.insert(a_goal())
    for payer in PAYERS:
        world.progress(GOAL, f"insert {payer}", payer)
    world.agree(GOAL)
    admit(world, after="counted ", tell=True)  # a message of an older worker
    assert told(world) == channels_of([])


def test_one_who_paid_at_the_last_moment_is_let_in_and_nobody_else_again(crowd: World) -> None:
    crowd.agree(GOAL)
    crowd.wallet.hold(a_hold(viewer_id=VIEWER))
    crowd.notifier.notifications.clear()
    admit(crowd, transactions=[a_hold(viewer_id=VIEWER).transaction_id, "unknown"], tell=True)
    assert VIEWER in crowd.passes.of(SESSION)
    assert told(crowd) == channels_of([VIEWER])


def test_goal_that_nobody_agreed_to_lets_in_nobody(crowd: World) -> None:
    crowd.refuse(GOAL)
    admit(crowd, tell=True)
    assert crowd.passes.of(SESSION) == {}
    assert told(crowd) == {}


def test_goal_without_a_streamer_lets_in_and_tells_nobody(world: World) -> None:
    world.goals.insert(a_goal(active=False, metadata={"agreed": NOW}))
    world.wallet.hold(a_hold())
    admit(world, tell=True)
    assert [*world.passes.of(SESSION)] == [VIEWER]
    assert told(world) == {}


def test_unknown_goal_is_refused(world: World) -> None:
    with pytest.raises(GoalUnknown):
        admit(world)


def test_nobody_is_let_in_anew_once_the_settlement_has_done_so(crowd: World) -> None:
    crowd.agree(GOAL)
    crowd.switch_preset("sd")
    crowd.wait(60)
    crowd.end()
    assert not any(isinstance(message, AdmitViewers) and not message.tell for message in crowd.messages())


def test_a_crowd_of_which_only_a_sweep_tells_is_let_in_and_told_as_a_whole(crowd: World) -> None:
    """The worker that ended the goal died before its receivers."""
    crowd.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    crowd.switch_preset("sd")
    crowd.wait(60)
    crowd.sweep()
    crowd.run_due()
    assert told(crowd) == channels_of(PAYERS)
    assert len(crowd.passes.of(SESSION)) == len(PAYERS)


def test_who_was_refunded_is_neither_let_in_nor_told(crowd: World) -> None:
    crowd.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    crowd.wait(60)
    crowd.sweep()
    crowd.run_due()
    assert states(crowd) == {HoldState.REFUNDED: len(PAYERS)}
    assert told(crowd) == {}
    assert crowd.passes.of(SESSION) == {}


def test_every_payer_of_a_funding_goal_hears_of_its_show_N4(world: World) -> None:
    funding = {"context": {"funding_goal_id": GOAL}}
    world.create(GOAL, SHOW_FUNDING_GOAL)
    for payer in PAYERS:
        world.wallet.credit(payer, 100)
        world.hold(GOAL, f"show_funding:{GOAL}", payer)
    world.run_due()
    world.create(GOAL_2, SHOW_GOAL, **funding)
    assert told(world).total() == PART
    world.run_due()
    assert told(world) == channels_of(PAYERS)


def test_nobody_hears_of_a_show_whose_session_is_over(world: World) -> None:
    world.goals.insert(a_goal(_cls=SHOW_GOAL, context={"funding_goal_id": GOAL_2}))
    world.wallet.hold(a_hold(GOAL_2, escrow_id=f"show_funding:{GOAL_2}"))
    meanwhile(world.sessions, "fetch_active", lambda: world.sessions._records.clear())
    admit(world, tell=True)
    assert told(world) == {}


def test_channels_that_refuse_everything_are_a_failure_of_the_receiver(crowd: World) -> None:
    def refuse(notification: Notification) -> None:
        raise NotificationRefused("wrong credentials")

    before(crowd.notifier, "notify", refuse)
    crowd.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    with pytest.raises(NotificationRefused):
        admit(crowd, tell=True)


def test_funders_whose_payment_only_counts_hear_of_the_show_part_by_part_N4(world: World) -> None:
    world.create(GOAL, SHOW_FUNDING_GOAL)
    for payer in PAYERS[: PART + 1]:
        world.progress(GOAL, f"a host's own payment by {payer}", payer)
    world.create(GOAL_2, SHOW_GOAL, context={"funding_goal_id": GOAL})
    world.run_due()
    assert told(world) == channels_of(PAYERS[: PART + 1])
