from __future__ import annotations

from typing import Any

import pytest

from show_goal.core.errors import InvalidTransaction
from tests.builders import GOAL, NOW, SESSION, STREAMER, VIEWER, a_goal
from tests.world import World

UNIX = int(NOW.timestamp())


def a_report(**changes: Any) -> dict[str, Any]:
    report = {
        "id": f"session:trigger-private:{GOAL}:{VIEWER}",
        "ts": UNIX,
        "fromAccount": VIEWER,
        "fromAmount": 90,
        "toAccount": None,
        "toAmount": None,
        "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"],
    }
    return {**report, **changes}


def test_report_progresses_its_goal_once_however_often_it_comes_L1(world: World) -> None:
    world.goals.insert(a_goal())
    for _ in range(2):
        world.container.wallet_transaction()(a_report())
    world.run_due()

    goal = world.goals.get(GOAL)
    assert goal is not None
    assert goal.progress == 1
    assert goal.breakdown == {VIEWER: {"progress": 1, "cost": 90}}


def test_report_moves_no_money_L1(world: World) -> None:
    before = world.wallet.accounts()
    world.container.wallet_transaction()(a_report())

    assert world.wallet.accounts() == before


@pytest.mark.parametrize(
    "tag",
    [
        "gift",
        f"acme::livestream.session:{SESSION}.trigger_private:{GOAL}",  # another platform's, in the same wallet
        f"gift:swag::livestream.session:{SESSION}.trigger_private:{GOAL}",  # somebody's who watches meanwhile
    ],
)
def test_report_of_another_feature_progresses_nothing_L1(world: World, tag: str) -> None:
    world.goals.insert(a_goal())
    world.container.wallet_transaction()(a_report(tags=[tag]))

    assert world.task_queue.queued() == []
    assert ("progress_trigger_goals", "skipped") in world.steps("wallet_transaction", "receiver")


@pytest.mark.parametrize(("to_amount", "incremented"), [(80, 80), (None, 90)])
def test_report_with_a_to_account_increments_its_balance_L1(
    world: World, to_amount: int | None, incremented: int
) -> None:
    world.container.wallet_transaction()(a_report(toAccount=STREAMER, toAmount=to_amount))

    sent = [step for step in world.trace("wallet_transaction")["steps"] if step["kind"] == "signal"]
    assert [step["name"] for step in sent] == ["transaction.created", "balance.decremented", "balance.incremented"]
    assert sent[2]["arguments"]["user_id"] == STREAMER
    assert sent[2]["arguments"]["amount"] == incremented


def test_receiver_that_fails_keeps_nobody_from_hearing_who_has_the_money_now_D21(world: World) -> None:
    heard: list[str] = []

    def broken(_: str, **__: object) -> None:
        raise ValueError("the host's own")

    def hear(_: str, *, user_id: str, **__: object) -> None:
        heard.append(user_id)

    user = world.container.namespace().signal("user")
    user.connect(broken, sender="balance.decremented")
    user.connect(hear, sender="balance.incremented")

    with pytest.raises(ExceptionGroup):
        world.container.wallet_transaction()(a_report(toAccount=STREAMER, toAmount=80))

    assert heard == [STREAMER]


def test_money_that_is_quicker_than_its_goal_counts_once_the_goal_is_there_L1(world: World) -> None:
    world.container.wallet_transaction()(a_report())
    world.run_due()
    assert world.trace("increment_goal_progress")["outcome"] == "failed"

    world.goals.insert(a_goal())
    world.wait(1)

    goal = world.goals.get(GOAL)
    assert goal is not None
    assert goal.progress == 1


def test_unknown_fields_are_ignored_L1(world: World) -> None:
    assert world.container.wallet_transaction()(a_report(currency="gold")) == a_report()["id"]


@pytest.mark.parametrize("ts", [UNIX - 86_400, UNIX + 300])
def test_report_of_the_last_day_is_believed_L1(world: World, ts: int) -> None:
    world.container.wallet_transaction()(a_report(ts=ts))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"id": ""}, {"id"}),
        ({"id": 1}, {"id"}),
        ({"ts": UNIX - 86_401}, {"ts"}),
        ({"ts": UNIX + 301}, {"ts"}),
        ({"ts": 10**400}, {"ts"}),
        ({"ts": "now"}, {"ts"}),
        ({"ts": True}, {"ts"}),
        ({"fromAccount": None, "fromAmount": -1}, {"fromAccount", "fromAmount"}),
        ({"toAccount": 1, "toAmount": 1.5}, {"toAccount", "toAmount"}),
        ({"fromAmount": 2**53, "toAmount": 2**53}, {"fromAmount", "toAmount"}),
        ({"tags": "gift"}, {"tags"}),
        ({"tags": [1]}, {"tags"}),
    ],
)
def test_report_that_cannot_be_read_or_is_stale_is_refused_by_field_L1(
    world: World, changes: dict[str, Any], named: set[str]
) -> None:
    with pytest.raises(InvalidTransaction) as caught:
        world.container.wallet_transaction()(a_report(**changes))

    assert set(caught.value.errors) == named


def test_the_largest_amount_that_json_carries_to_everybody_is_believed_L1(world: World) -> None:
    world.container.wallet_transaction()(a_report(fromAmount=2**53 - 1, toAmount=2**53 - 1))


def test_report_that_is_no_object_is_refused(world: World) -> None:
    with pytest.raises(InvalidTransaction, match="must be a JSON object"):
        world.container.wallet_transaction()([])
