"""A request with a key is carried out once, and a retry gets the first answer again (D29)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_mock import MockerFixture

from show_goal.core.errors import (
    InsufficientBalance,
    InvalidInvitation,
    KeyReused,
    Refused,
    RequestUnderWay,
    TransactionConflict,
)
from show_goal.core.keyed_request import KEPT, LEASE, Accepted
from show_goal.core.messages import CreateGoal, Transfer
from show_goal.core.model import Viewer
from show_goal.ports.errors import StoreUnavailable, TaskQueueFull, TaskQueueUnavailable
from tests.builders import EXP, NOW, SESSION, VIEWER, VIEWER_2, a_session, an_invitation
from tests.world import World, meanwhile

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def invite(world: World, viewer_id: str = VIEWER, key: str = KEY, **changes: Any) -> Accepted:
    use_case = world.container.trigger_private_session()
    accepted: Accepted = use_case(SESSION, Viewer(id=viewer_id), an_invitation(**changes), key)
    return accepted


def test_a_retry_gets_the_first_answer_whatever_has_happened_since_D29(world: World) -> None:
    first = invite(world)
    world.run_due()
    world.agree(first.goal_id)
    world.wait(60)
    world.invite(VIEWER_2, exp=int(EXP.timestamp()) + 60)  # the next goal
    world.run_due()
    world.sessions.add(a_session(active=False))
    world.clock.move_to(NOW + KEPT - timedelta(seconds=1))
    messages, accounts = world.messages(), world.wallet.accounts()

    assert invite(world) == first
    assert (world.messages(), world.wallet.accounts()) == (messages, accounts)
    assert world.trace("trigger_private_session")["transaction_id"] == first.transaction_id


def test_a_retry_is_answered_although_the_queue_is_full_D29(world: World, mocker: MockerFixture) -> None:
    first = invite(world)
    mocker.patch.object(world.task_queue, "require_room", side_effect=TaskQueueFull)

    assert invite(world) == first


@pytest.mark.parametrize("changes", [{"duration": 91}, {"exp": int(EXP.timestamp()) + 1}, {"amount": 90}])
def test_the_same_key_with_another_body_is_refused_D29(world: World, changes: dict[str, Any]) -> None:
    invite(world)
    messages = world.messages()

    with pytest.raises(KeyReused):
        invite(world, **changes)
    assert world.messages() == messages


def test_another_viewer_may_have_the_same_key_D29(world: World) -> None:
    assert invite(world).transaction_id != invite(world, VIEWER_2, duration=30).transaction_id


def test_of_two_requests_with_one_key_at_once_one_acts_D29(world: World) -> None:
    seen: list[Refused] = []

    def again() -> None:
        with pytest.raises(RequestUnderWay) as caught:
            invite(world)
        seen.append(caught.value)

    meanwhile(world.sessions, "fetch_active", again)
    first = invite(world)

    assert (len(seen), world.kinds()) == (1, [CreateGoal, Transfer])
    assert invite(world) == first


@pytest.mark.parametrize("died", ["before it acted", "after it acted"])
@pytest.mark.parametrize("agreed", [False, True])
def test_a_retry_goes_on_where_a_process_died_and_pays_once_D29(world: World, died: str, agreed: bool) -> None:
    store = world.container.keyed_requests()
    before = store if died == "after it acted" else world.sessions

    def die() -> None:
        raise SystemExit

    meanwhile(before, "finish" if before is store else "fetch_active", die)
    with pytest.raises(SystemExit):
        invite(world)
    world.run_due()
    if agreed and world.goals.all():
        world.agree(world.goals.all()[0].id)
    with pytest.raises(RequestUnderWay):
        invite(world)
    world.clock.advance(LEASE)

    answer = invite(world)
    world.run_due()
    assert [hold.transaction_id for hold in world.wallet.holds()] == [answer.transaction_id]
    assert invite(world) == answer


@pytest.mark.parametrize("died", [SystemExit, TaskQueueUnavailable])
def test_a_retry_pays_once_although_the_next_goal_is_there_already_D29(world: World, died: type[BaseException]) -> None:
    """The ``transfer`` was sent, and nobody answered. The streamer agreed, and another viewer invites."""

    def die() -> None:
        raise died

    meanwhile(world.task_queue, "trigger", lambda: meanwhile(world.task_queue, "trigger", die, after=True))
    with pytest.raises(died):
        invite(world)
    world.run_due()
    first = world.wallet.holds()[0]
    world.agree(first.goal_id)
    world.invite(VIEWER_2, exp=int(EXP.timestamp()) + 60)
    world.run_due()
    world.clock.advance(LEASE)

    assert invite(world).transaction_id == invite(world).transaction_id == first.transaction_id
    world.run_due()
    assert [hold.from_user_id for hold in world.wallet.holds()] == [VIEWER, VIEWER_2]


def test_what_they_asked_for_instead_answers_no_retry_D29(world: World, mocker: MockerFixture) -> None:
    """A joiner's transfer was not sent. Without the key they asked for something else, which is held."""
    world.invite(VIEWER_2)
    world.run_due()
    mocker.patch.object(world.task_queue, "trigger", side_effect=TaskQueueUnavailable)
    with pytest.raises(TaskQueueUnavailable):
        invite(world)
    mocker.stopall()
    world.invite(VIEWER, duration=30)
    world.run_due()

    with pytest.raises(TransactionConflict):
        invite(world)


@pytest.mark.parametrize("error", [TaskQueueUnavailable, ValueError])
def test_a_request_that_failed_may_be_repeated_at_once_D29(
    world: World, mocker: MockerFixture, error: type[Exception]
) -> None:
    mocker.patch.object(world.task_queue, "trigger", side_effect=error)
    with pytest.raises(error):
        invite(world)
    mocker.stopall()
    invite(world)
    world.run_due(quiet=True)

    assert len(world.wallet.holds()) == 1


def test_a_refusal_is_no_answer_to_keep_D29(world: World) -> None:
    with pytest.raises(InsufficientBalance):
        invite(world, "71e0000000000000000000ff")
    world.wallet.credit("71e0000000000000000000ff", 90)

    assert invite(world, "71e0000000000000000000ff").amount == 90
    with pytest.raises(InvalidInvitation):
        invite(world, key="another", exp=0)
    assert invite(world, key="another")


def test_a_refusal_is_not_hidden_by_a_store_that_does_not_answer_D29(world: World, mocker: MockerFixture) -> None:
    mocker.patch.object(world.container.keyed_requests(), "release", side_effect=StoreUnavailable)

    with pytest.raises(InsufficientBalance):
        invite(world, "71e0000000000000000000ff")


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "\xe9", "a\n"])
def test_a_key_has_1_to_64_visible_characters_D29(world: World, key: str) -> None:
    with pytest.raises(InvalidInvitation) as caught:
        invite(world, key=key)

    assert caught.value.errors == {"Idempotency-Key": "must be 1 to 64 visible ASCII characters"}
    assert invite(world, key="!" * 64)


def test_without_a_key_joining_asks_the_stores_twice_and_sends_one_message_D29(
    world: World, mocker: MockerFixture
) -> None:
    invite(world)
    world.run_due()
    world.task_queue.purge()
    keys = mocker.spy(world.container.keyed_requests(), "claim")
    asked = [mocker.spy(world.sessions, "fetch_active"), mocker.spy(world.wallet, "pledge")]
    others = [mocker.spy(world.wallet, "find"), mocker.spy(world.sessions, "claim"), mocker.spy(world.goals, "get")]
    world.invite(VIEWER_2)

    assert [spy.call_count for spy in (*asked, *others, keys)] == [1, 1, 0, 0, 0, 0]
    assert world.kinds() == [Transfer]
