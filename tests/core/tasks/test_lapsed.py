"""D34: a viewer who was told 202, and whose transfer was lost, hears from a sweep that nothing came of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from attrs import evolve
from pytest_mock import MockerFixture

from show_goal.core.crowd import PART
from show_goal.core.errors import OutOfTime
from show_goal.core.messages import CreateGoal, Transfer
from show_goal.core.model import Claim
from show_goal.core.names import user_channel
from show_goal.core.tasks import settle_escrow
from show_goal.core.tasks.sweep import LAPSED_AFTER, Swept
from show_goal.ports.errors import NotifierUnavailable, StoreUnavailable
from show_goal.ports.page import Page
from tests.builders import EXP, NOW, SESSION, VIEWER, VIEWER_2, a_hold, a_session, a_transfer
from tests.world import World, meanwhile

from .crowds import before

LAPSED = EXP + LAPSED_AFTER
MINUTE = timedelta(minutes=1)


@pytest.fixture
def lost(world: World) -> World:
    """VIEWER was told 202. The broker has lost both messages, and the claim has expired."""
    world.invite()
    world.task_queue.purge()
    world.clock.move_to(LAPSED)
    return world


def claimed(world: World) -> str:
    """The goal that SESSION is claimed for."""
    claim = world.sessions.get(SESSION).claim
    assert claim is not None
    return claim.goal_id


def lapsed(world: World) -> list[tuple[object, list[str]]]:
    return [(one.payload["reason"], [*one.channels]) for one in world.notified("invitation.lapsed")]


def test_who_asked_hears_it_once(lost: World) -> None:
    for _ in range(2):
        assert lost.sweep() == Swept()
    (told,) = lost.notified("invitation.lapsed")
    assert told.payload == {"session_id": SESSION, "goal_id": claimed(lost), "reason": "goal_ended"}
    assert told.channels == [user_channel(VIEWER)]


def test_nobody_hears_it_while_a_transfer_may_still_come(world: World) -> None:
    world.invite()
    world.task_queue.purge()
    world.clock.move_to(LAPSED - timedelta(seconds=1))
    world.sweep()
    assert lapsed(world) == []


def test_a_transfer_that_comes_even_later_tells_the_same(lost: World) -> None:
    lost.sweep()
    with suppress(Exception):
        lost.container.transfer()(a_transfer(claimed(lost), session_id=SESSION))
    first, again = lost.notified("invitation.lapsed")
    assert first == again, "browsers drop a repeat"


def test_it_is_told_although_the_session_is_over(lost: World) -> None:
    lost.sessions.add(evolve(lost.sessions.get(SESSION), active=False))
    lost.sweep()
    assert lapsed(lost) == [("goal_ended", [user_channel(VIEWER)])]


def test_whose_money_is_held_hears_of_the_refund_and_of_nothing_else(lost: World) -> None:
    lost.wallet.hold(a_hold(claimed(lost)))
    lost.sweep()
    lost.clock.advance(MINUTE)
    assert lost.sweep().refunded == 1
    assert lapsed(lost) == []
    assert [one.channels for one in lost.notified("goal.settled")] == [[user_channel(VIEWER)]]


def test_a_joiner_who_has_paid_keeps_it_from_nobody_who_has_not(lost: World) -> None:
    lost.wallet.hold(a_hold(claimed(lost), VIEWER_2))
    lost.sweep()
    assert lapsed(lost) == [("goal_ended", [user_channel(VIEWER)])]


def test_who_has_paid_hears_of_no_lapse(world: World) -> None:
    world.invite()
    world.run_due()
    world.clock.move_to(LAPSED + MINUTE)
    world.sweep()
    assert lapsed(world) == []


def without_the_transfer(world: World) -> str:
    """VIEWER asked for the goal that is returned. Only the transfer is lost."""
    goal_id = world.invite().goal_id
    (create,) = [message for message in world.messages() if isinstance(message, CreateGoal)]
    world.task_queue.purge()
    world.container.create_goal()(create)
    return goal_id


@pytest.mark.parametrize("joiners", [0, 1, PART + 1])
def test_whose_transfer_alone_was_lost_hears_it_when_the_goal_is_settled(world: World, joiners: int) -> None:
    goal_id = without_the_transfer(world)
    for number in range(joiners):
        world.wallet.hold(a_hold(goal_id, f"joiner {number}", amount=0))
    world.clock.move_to(LAPSED + MINUTE)
    world.sweep()
    world.run_due()
    assert world.goal(goal_id).settled
    assert lapsed(world) == [("goal_ended", [user_channel(VIEWER)])]


@pytest.mark.parametrize("place", [0, PART])
def test_who_was_first_or_last_of_a_crowd_to_pay_hears_of_no_lapse(
    world: World, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle_escrow, "TOLD_AT_A_TIME", PART)  # so the first and the last are on two pages
    goal_id = without_the_transfer(world)
    viewers = [f"a joiner {number}" for number in range(PART)]
    for viewer_id in (*viewers[:place], VIEWER, *viewers[place:]):
        world.wallet.hold(a_hold(goal_id, viewer_id, amount=0))
    world.clock.move_to(LAPSED + MINUTE)
    world.sweep()
    world.run_due()
    assert world.goal(goal_id).settled
    assert lapsed(world) == []


def test_a_timer_that_settles_first_tells_it_too_or_a_task_does(world: World) -> None:
    goal_id = without_the_transfer(world)
    world.refuse(goal_id)

    def away() -> None:
        raise NotifierUnavailable("no answer")

    world.clock.advance(MINUTE)
    meanwhile(world.notifier, "notify", away)
    world.run_due()
    assert world.goal(goal_id).settled
    world.run_due()
    assert lapsed(world) == [("goal_ended", [user_channel(VIEWER)])]


def test_who_could_not_pay_has_heard_it_from_the_transfer(world: World) -> None:
    world.invite()
    world.wallet.credit(VIEWER, -1_000)
    (transfer,) = [message for message in world.messages() if isinstance(message, Transfer)]
    world.task_queue.purge()
    with suppress(Exception):
        world.container.transfer()(transfer)
    world.clock.move_to(LAPSED)
    world.sweep()
    assert lapsed(world) == [("insufficient_balance", [user_channel(VIEWER)])]


@pytest.mark.parametrize("claim", [{"triggered_by": VIEWER}, {"since": NOW}], ids=["no time", "no viewer"])
def test_a_claim_that_does_not_say_who_asked_or_when_tells_nobody(world: World, claim: dict[str, object]) -> None:
    world.sessions.add(a_session(claim=Claim(goal_id="60a5", exp=EXP, **claim)))  # type: ignore[arg-type]
    world.clock.move_to(LAPSED)
    world.sweep()
    assert lapsed(world) == []
    assert world.sessions.lapsed(world.clock.now(), 9) == Page([])


def test_a_session_that_has_no_claim_by_now_is_passed_over(lost: World, mocker: MockerFixture) -> None:
    mocker.patch.object(lost.sessions, "lapsed", autospec=True, return_value=Page([a_session()]))
    assert lost.sweep() == Swept()


def test_a_channel_service_that_is_away_is_asked_once_a_sweep_and_delays_no_money(lost: World) -> None:
    lost.sessions.add(evolve(lost.sessions.get(SESSION), id="5e55000000000000000000f2"))
    lost.wallet.hold(a_hold("60a500000000000000000001", VIEWER_2))
    lost.clock.advance(MINUTE)
    asked = []

    def away(*_: object) -> None:
        asked.append(lost.wallet.balance(VIEWER_2).held)
        raise NotifierUnavailable("no answer")

    notify = lost.notifier.notify
    before(lost.notifier, "notify", away)
    with pytest.raises(ExceptionGroup):
        lost.sweep()
    assert set(asked) == {0}
    last = lost.sweeps.last()
    assert last is not None
    assert [one.item.split()[0] for one in last.aside].count("lapsed") == 1
    lost.notifier.notify = notify  # type: ignore[method-assign]
    lost.clock.advance(MINUTE)
    lost.sweep()
    assert len(lapsed(lost)) == 2


def test_one_that_cannot_be_closed_is_told_again(lost: World) -> None:
    def away() -> None:
        raise StoreUnavailable("no answer")

    meanwhile(lost.sessions, "close_claim", away)
    with pytest.raises(ExceptionGroup):
        lost.sweep()
    lost.clock.advance(MINUTE)
    lost.sweep()
    first, again = lost.notified("invitation.lapsed")
    assert first == again


def test_an_interrupt_while_it_is_told_leaves_it_to_the_next_sweep(lost: World) -> None:
    def interrupt() -> None:
        raise OutOfTime

    meanwhile(lost.notifier, "notify", interrupt)
    with pytest.raises(OutOfTime):
        lost.sweep()
    lost.sweep()
    assert len(lapsed(lost)) == 1
