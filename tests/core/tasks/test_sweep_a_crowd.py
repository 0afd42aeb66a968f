"""What sweeps do for a crowd whose messages were all lost: each settles as many as it has the time for (M2, D43)."""

from __future__ import annotations

from contextlib import suppress

import pytest

from show_goal.core.crowd import PART
from show_goal.core.money import HoldState
from show_goal.core.tasks.sweep import Swept
from show_goal.ports.errors import WalletUnavailable
from tests.builders import EXP, GOAL
from tests.world import World, meanwhile

from .crowds import DELAY, EVERYBODY, MANY, PAYERS, REFUNDED, SECOND, an_ended_crowd, before, pages, reported, states


@pytest.fixture
def lost() -> World:
    """The crowd that is refunded, whose messages were all lost. Each refund takes 0.1 s."""
    crowd = an_ended_crowd()
    crowd.task_queue.purge()
    before(crowd.wallet, "refund", lambda _: crowd.clock.advance(SECOND / 10))
    crowd.clock.move_to(EXP + DELAY)
    return crowd


def test_a_sweep_settles_a_crowd_itself_and_the_next_one_goes_on(lost: World) -> None:
    heard = reported(lost)
    sweeps = [lost.sweep() for _ in range(3)]
    assert sweeps == [Swept(more=True), Swept(settled=1), Swept()]
    assert states(lost) == REFUNDED
    assert heard == EVERYBODY
    assert lost.goal(GOAL).settled
    assert pages(lost) == []
    assert len(lost.notified("goal.ended")) == 1


def test_holds_that_take_long_and_fail_hide_none_behind_them_from_sweep_to_sweep_D43(lost: World) -> None:
    broken = {*PAYERS[: MANY // 2]}

    def fail(transaction_id: str) -> None:
        if transaction_id.rpartition(":")[2] in broken:
            lost.clock.advance(SECOND)
            raise WalletUnavailable("no answer")

    before(lost.wallet, "refund", fail)
    for _ in range(60):
        with suppress(ExceptionGroup):
            lost.sweep()
    assert states(lost) == {HoldState.REFUNDED: MANY - len(broken), HoldState.HELD: len(broken)}
    broken.clear()
    for _ in range(5):
        lost.sweep()
    assert states(lost) == REFUNDED
    assert lost.goal(GOAL).settled


def test_a_sweep_that_began_behind_what_failed_goes_on_with_that(lost: World) -> None:
    broken = {*PAYERS[:20]}

    def fail(transaction_id: str) -> None:
        if transaction_id.rpartition(":")[2] in broken:
            lost.clock.advance(SECOND)
            raise WalletUnavailable("no answer")

    before(lost.wallet, "refund", fail)
    with pytest.raises(ExceptionGroup, match="1 of the sweep's steps failed"):
        lost.sweep()
    sweep = lost.sweeps.last()
    assert sweep is not None
    assert GOAL in sweep.places
    broken.clear()
    while lost.sweep().more:
        pass
    assert states(lost) == REFUNDED
    assert lost.goal(GOAL).settled


def test_a_page_that_cannot_be_read_is_a_failure_of_this_goal_only(lost: World) -> None:
    meanwhile(lost.wallet, "holds_of", lambda: (_ for _ in ()).throw(WalletUnavailable("no answer")))
    with pytest.raises(ExceptionGroup, match="1 of the sweep's steps failed"):
        lost.sweep()
    assert not lost.goal(GOAL).settled


def test_reports_that_take_long_are_left_to_the_task(lost: World) -> None:
    lost.container.namespace().signal("user").connect(
        lambda *_, **__: lost.clock.advance(SECOND), sender="balance.incremented", weak=False
    )
    while states(lost) != REFUNDED:
        lost.sweep()
    assert sum(len(page.transactions or ()) for page in pages(lost)) > PART
    heard = reported(lost)
    for _ in range(300):
        lost.run_due()
    assert heard.keys() <= EVERYBODY.keys()
    lost.sweep()
    assert lost.goal(GOAL).settled


def test_money_moves_although_the_channels_are_away_and_is_reported(lost: World) -> None:
    def away(_: object) -> None:
        raise ConnectionError("no answer")

    heard = reported(lost)
    before(lost.notifier, "notify", away)
    for _ in range(6):
        with suppress(ExceptionGroup):
            lost.sweep()
    assert heard.keys() == EVERYBODY.keys()
    assert not lost.goal(GOAL).settled, "the next sweep tells"


def test_a_sweep_that_has_the_time_settles_a_crowd_at_once() -> None:
    crowd = an_ended_crowd()
    crowd.clock.move_to(EXP + DELAY)
    assert crowd.sweep() == Swept(settled=1)
    assert states(crowd) == REFUNDED
