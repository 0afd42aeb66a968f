"""A crowd is settled page by page, by all workers together (M2, D39, D43)."""

from __future__ import annotations

from collections import Counter

import pytest

from show_goal.core.crowd import PART
from show_goal.core.messages import SettleEscrow
from show_goal.core.model import ViewerPass
from show_goal.core.money import HoldState
from show_goal.core.names import escrow_id
from show_goal.ports.errors import StoreUnavailable, WalletUnavailable
from tests.builders import GOAL, NOW, SESSION, STREAMER
from tests.world import World, meanwhile

from .crowds import DELAY, EVERYBODY, MANY, PAYERS, REFUNDED, a_crowd, an_ended_crowd, before, pages, reported, states

RELEASED = {HoldState.RELEASED: MANY}


@pytest.fixture
def crowd() -> World:
    return an_ended_crowd()


@pytest.fixture
def agreed() -> World:
    """The streamer agreed and began the show, nobody was let in yet, and the settlement is due."""
    world = a_crowd()
    world.goals.end(GOAL, NOW, metadata={"agreed": NOW})
    world.switch_preset("sd")
    world.clock.advance(DELAY)
    return world


def settle(world: World, message: SettleEscrow | None = None) -> None:
    world.container.settle_escrow()(message or SettleEscrow(goal_id=GOAL))


def next_run(world: World) -> SettleEscrow:
    """Take the message that has been due for longest, and run it."""
    queued = world.task_queue.take_due()
    assert queued is not None
    assert isinstance(queued.message, SettleEscrow)
    settle(world, queued.message)
    return queued.message


def test_few_pages_wait_at_a_time_and_no_trace_grows_with_the_crowd(crowd: World) -> None:
    heard, sizes = reported(crowd), list[int]()
    settle(crowd)
    while crowd.messages():
        assert len(pages(crowd)) <= 2, "a page, and what hands out the next one: a join waits for no more"
        sizes.append(len(next_run(crowd).transactions or ()))
    assert [size for size in sizes if size] == [PART, PART, 50]
    assert states(crowd) == REFUNDED
    assert heard == EVERYBODY
    assert crowd.goal(GOAL).settled
    assert max(len(trace.steps) for trace in crowd.traces) < PART * 4


def test_the_next_page_is_handed_out_while_a_page_is_settled(crowd: World) -> None:
    settle(crowd)
    page, plan = pages(crowd)
    crowd.task_queue.purge()
    settle(crowd, plan)
    assert states(crowd) == {HoldState.HELD: MANY}
    assert not {*(page.transactions or ())} & {*(pages(crowd)[0].transactions or ())}, "another worker may do both"


@pytest.mark.parametrize("done", [False, True], ids=["at once", "later"])
def test_a_repeated_settlement_hands_out_nothing_again(crowd: World, done: bool) -> None:
    heard = reported(crowd)
    settle(crowd)
    if done:
        crowd.run_due()
    for _ in range(51):
        settle(crowd)
    crowd.run_due()
    assert heard == EVERYBODY
    assert crowd.goal(GOAL).settled


def test_a_page_that_is_handed_out_again_after_a_crash_doubles_no_other(crowd: World) -> None:
    """The worker is killed when the queue has the page and the rest of the plan, but before the mark."""

    def die() -> None:
        raise SystemExit

    heard = reported(crowd)
    meanwhile(crowd.goals, "plan", die)
    with pytest.raises(SystemExit):
        settle(crowd)
    crowd.task_queue.trigger(SettleEscrow(goal_id=GOAL))  # delivered again
    crowd.run_due()
    assert heard.keys() == EVERYBODY.keys()
    assert sum(heard.values()) <= MANY + PART * 2


def test_a_page_on_which_nothing_is_held_any_more_is_the_last(crowd: World) -> None:
    place = crowd.wallet.holds_of(escrow_id(GOAL), PART).next
    for paid in EVERYBODY:
        crowd.wallet.refund(paid)
    settle(crowd, SettleEscrow(goal_id=GOAL, after=place, page=1))
    assert pages(crowd) == []
    assert not crowd.goal(GOAL).settled, "that is for who meets the first page"


def test_a_sweep_finds_a_plan_that_was_lost(crowd: World) -> None:
    heard = reported(crowd)
    settle(crowd)
    crowd.task_queue.purge()
    crowd.sweep()
    assert (heard, states(crowd)) == (EVERYBODY, REFUNDED)
    assert crowd.goal(GOAL).settled


def test_pages_that_a_worker_of_an_earlier_version_handed_out_are_settled(crowd: World) -> None:
    """It handed out pages for 3 s, then asked for the rest, and did not say how many there were."""
    first = crowd.wallet.holds_of(f"trigger_private:{GOAL}", PART)
    ids = [hold.transaction_id for hold in first.items]
    for message in (SettleEscrow(goal_id=GOAL, transactions=ids), SettleEscrow(goal_id=GOAL, after=first.next)):
        crowd.task_queue.trigger(message)
    crowd.run_due()
    assert states(crowd) == REFUNDED


def test_money_is_released_once_each_viewer_has_their_pass_D39(agreed: World) -> None:
    settle(agreed)
    agreed.run_due()
    assert agreed.passes.of(SESSION) == dict.fromkeys(PAYERS, ViewerPass(nbf=NOW + DELAY, duration=90))
    assert states(agreed) == RELEASED
    assert agreed.wallet.balance(STREAMER).available == MANY * 90


def test_of_a_viewer_without_a_pass_only_their_own_money_waits_D39(agreed: World) -> None:
    odd = PAYERS[120]

    def fail(session_id: str, goal_id: str, viewers: dict[str, ViewerPass], now: object) -> None:
        if odd in viewers:
            raise ValueError("a text that is no text")

    admit = agreed.passes.admit
    before(agreed.passes, "admit", fail)
    settle(agreed)
    agreed.run_due()
    assert states(agreed) == {HoldState.RELEASED: MANY - 1, HoldState.HELD: 1}
    assert not agreed.goal(GOAL).settled
    agreed.passes.admit = admit  # type: ignore[method-assign]
    agreed.wait(60)
    agreed.sweep()
    assert states(agreed) == RELEASED
    assert agreed.goal(GOAL).settled


def test_while_no_pass_can_be_written_nobody_pays(agreed: World) -> None:
    def fail(session_id: str, goal_id: str, viewers: object, now: object) -> None:
        raise StoreUnavailable("no answer")

    before(agreed.passes, "admit", fail)
    with pytest.raises(ExceptionGroup):
        settle(agreed, SettleEscrow(goal_id=GOAL, transactions=[*EVERYBODY][:3]))
    assert states(agreed) == {HoldState.HELD: MANY}


@pytest.mark.parametrize("error", [ValueError("this account is frozen"), WalletUnavailable("no answer")])
def test_one_hold_that_cannot_be_moved_holds_up_no_other_of_a_page(crowd: World, error: Exception) -> None:
    odd = [*EVERYBODY][5]

    def fail(transaction_id: str) -> None:
        if transaction_id == odd:
            raise error

    heard = reported(crowd)
    before(crowd.wallet, "refund", fail)
    settle(crowd)
    crowd.run_due()
    assert states(crowd) == {HoldState.REFUNDED: MANY - 1, HoldState.HELD: 1}
    assert heard == EVERYBODY - Counter([odd]), "nobody is reported again because of it"
    again = [message.transactions for message in pages(crowd)]
    assert again == ([[odd]] if isinstance(error, WalletUnavailable) else []), (
        "it may have moved, or else a sweep does it"
    )


def test_a_page_that_is_delivered_again_moves_nothing_and_is_reported_again(crowd: World) -> None:
    settle(crowd)
    page = pages(crowd)[0]
    crowd.run_due()
    heard = reported(crowd)
    settle(crowd, page)
    assert heard == Counter(page.transactions)
    assert states(crowd) == REFUNDED


def test_a_worker_that_dies_in_the_middle_of_a_page_loses_no_report(crowd: World) -> None:
    settle(crowd)
    page = pages(crowd)[0]

    def die(transaction_id: str) -> None:
        if transaction_id == [*EVERYBODY][30]:
            raise SystemExit

    refund = crowd.wallet.refund
    before(crowd.wallet, "refund", die)
    heard = reported(crowd)
    with pytest.raises(SystemExit):
        settle(crowd, page)
    assert heard == {}
    crowd.wallet.refund = refund  # type: ignore[method-assign]
    settle(crowd, page)
    crowd.run_due()
    assert heard == EVERYBODY + Counter(page.transactions), "the page came twice in this test"


def test_a_repeat_is_cheap_once_everything_has_moved(crowd: World) -> None:
    settle(crowd)
    crowd.run_due()
    heard, commands = reported(crowd), Counter[str]()
    for method in ("holds_of", "find", "refund"):
        before(crowd.wallet, method, lambda *_, name=method: commands.update([name]))
    settle(crowd)
    assert (heard, commands) == ({}, {}), "the goal says that its pages were handed out"
    assert pages(crowd) == []


def test_a_crowd_whose_mark_was_lost_is_marked(crowd: World) -> None:
    for transaction_id in EVERYBODY:
        crowd.wallet.refund(transaction_id)
    settle(crowd)
    assert pages(crowd) == []
    assert crowd.goal(GOAL).settled


def test_an_unknown_transaction_of_a_page_is_passed_over(crowd: World) -> None:
    settle(crowd, SettleEscrow(goal_id=GOAL, transactions=["unknown", next(iter(EVERYBODY))]))
    assert states(crowd) == {HoldState.REFUNDED: 1, HoldState.HELD: MANY - 1}
