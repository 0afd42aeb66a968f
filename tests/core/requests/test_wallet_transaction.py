from __future__ import annotations

import pytest

from show_goal.core.errors import InvalidTransaction
from show_goal.core.requests.wallet_transaction import timestamp_error
from tests.builders import GOAL, NOW, SESSION, STREAMER, VIEWER, VIEWER_2, a_goal, a_report
from tests.world import World

UNIX = int(NOW.timestamp())


def test_report_progresses_its_goal_once_even_if_repeated_and_moves_no_money_L1(world: World) -> None:
    world.goals.insert(a_goal())
    before = world.wallet.accounts()
    for _ in range(2):
        world.container.wallet_transaction()(a_report())
    world.run_due()

    assert world.goal(GOAL).progress == 1
    assert world.paid_by(GOAL) == {VIEWER: 90}
    assert world.wallet.accounts() == before


@pytest.mark.parametrize(
    "tag",
    [
        "gift",
        f"acme::livestream.session:{SESSION}.trigger_private:{GOAL}",  # another platform's, in the same wallet
        f"gift:swag::livestream.session:{SESSION}.trigger_private:{GOAL}",  # a gift of somebody who watches
    ],
)
def test_report_of_another_feature_progresses_nothing_L1(world: World, tag: str) -> None:
    world.goals.insert(a_goal())
    world.container.wallet_transaction()(a_report(tags=[tag]))

    assert world.messages() == []
    assert world.outcome("wallet_transaction", "progress_trigger_goals") == "skipped"


@pytest.mark.parametrize(("to_amount", "incremented"), [(80, 80), (None, 90)])
def test_report_with_a_to_account_increments_its_balance_L1(
    world: World, to_amount: int | None, incremented: int
) -> None:
    world.container.wallet_transaction()(a_report(to_account=STREAMER, to_amount=to_amount))

    signals, payloads = zip(*world.sent("wallet_transaction"), strict=True)
    assert signals == ("transaction.created", "balance.decremented", "balance.incremented")
    assert (payloads[2]["user_id"], payloads[2]["amount"]) == (STREAMER, incremented)


def test_a_wallet_reports_a_part_and_the_rest_each_by_itself_L1(world: World) -> None:
    """Out of the escrow, and without the tag, or they would count as payments."""
    for receiver, amount in ((STREAMER, 30), (VIEWER, 60)):
        out = {"id": f"{GOAL}:{receiver}", "from_account": f"trigger_private:{GOAL}", "from_amount": amount, "tags": []}
        world.container.wallet_transaction()(a_report(**out, to_account=receiver, to_amount=amount))
        paid = dict(world.sent("wallet_transaction"))["balance.incremented"]
        assert (paid["user_id"], paid["amount"]) == (receiver, amount)
    assert world.messages() == []


def test_receiver_that_fails_does_not_stop_the_second_balance_signal_D21(world: World) -> None:
    heard: list[str] = []

    def broken(_: str, **__: object) -> None:
        raise ValueError("a host's receiver")

    def hear(_: str, *, user_id: str, **__: object) -> None:
        heard.append(user_id)

    user = world.container.namespace().signal("user")
    user.connect(broken, sender="balance.decremented")
    user.connect(hear, sender="balance.incremented")

    with pytest.raises(ExceptionGroup):
        world.container.wallet_transaction()(a_report(to_account=STREAMER, to_amount=80))

    assert heard == [STREAMER]


def test_report_that_arrives_before_its_goal_counts_once_the_goal_exists_L1(world: World) -> None:
    world.container.wallet_transaction()(a_report())
    world.run_due(quiet=True)
    assert world.trace("increment_goal_progress")["outcome"] == "failed"

    world.goals.insert(a_goal())
    world.wait(1)

    assert world.goal(GOAL).progress == 1


@pytest.mark.parametrize("ts", [UNIX - 86_400, UNIX + 300])
def test_report_of_the_last_day_is_accepted_L1(world: World, ts: int) -> None:
    world.container.wallet_transaction()(a_report(ts=ts))


@pytest.mark.parametrize("ts", [UNIX - 86_401, UNIX + 301, 0, -1, 10**400])
def test_stale_report_is_refused_L1(world: World, ts: int) -> None:
    with pytest.raises(InvalidTransaction, match="ts: must lie in the last 24 hours"):
        world.container.wallet_transaction()(a_report(ts=ts))


def test_missing_ts_is_wrong_as_well() -> None:
    assert timestamp_error(None, NOW) == "must be Unix time in whole seconds"


@pytest.mark.parametrize(("field", "value"), [("from_amount", -1), ("to_amount", -1), ("id", ""), ("ts", "now")])
def test_report_with_an_invalid_field_cannot_be_made_L1(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        a_report(**{field: value})


def test_signed_report_without_a_hold_lets_nobody_in_F10(world: World) -> None:
    goal_id = world.invite().goal_id
    world.run_due()
    tags = [f"swag::livestream.session:{SESSION}.trigger_private:{goal_id}"]
    report = a_report(id=f"session:trigger-private:{goal_id}:{VIEWER_2}", from_account=VIEWER_2, tags=tags)
    world.container.wallet_transaction()(report)
    world.run_due()
    world.agree(goal_id)

    (authorized,) = world.notified("stream.authorized")
    assert list(authorized.channels) == [f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}"]
    assert world.passes.find(SESSION, VIEWER_2) is None
