"""The record of the last sweep, which no sweep needs (D44)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_mock import MockerFixture

from show_goal.core.last_sweep import LastSweep
from show_goal.core.settings import Settings
from show_goal.core.tasks.sweep import Swept
from show_goal.ports.errors import StoreUnavailable, WalletUnavailable
from tests.builders import EXP, VIEWER, VIEWER_2, a_hold
from tests.world import World

LATER = EXP + timedelta(seconds=60)
NOTHING = {"ended": 0, "resumed": 0, "settled": 0, "refunded": 0}


def last(world: World) -> LastSweep:
    sweep = world.sweeps.last()
    assert sweep is not None
    return sweep


def test_it_says_when_the_sweep_ran_and_what_it_did(world: World) -> None:
    world.invite(VIEWER)
    world.run_due()
    world.clock.move_to(LATER)
    world.sweep()
    done = {**NOTHING, "ended": 1, "settled": 1}
    assert last(world) == LastSweep(began=LATER, ended=LATER, done=done, failed=0, more=False)


def test_it_says_how_much_failed_and_that_there_is_more(mocker: MockerFixture) -> None:
    world = World.make(settings=Settings(sweep_limit=1))
    for viewer_id in (VIEWER, VIEWER_2):
        world.wallet.hold(a_hold(viewer_id=viewer_id))
    world.clock.move_to(LATER)

    def fail(_: str) -> None:
        world.clock.advance(timedelta(seconds=20))
        raise WalletUnavailable("no answer")

    mocker.patch.object(world.wallet, "refund", autospec=True, side_effect=fail)
    with pytest.raises(ExceptionGroup):
        world.sweep()
    sweep = last(world)
    assert (sweep.done, sweep.failed, sweep.more) == (NOTHING, 1, True)
    assert sweep.ended - sweep.began == timedelta(seconds=20)
    assert sweep.places.keys() == {"refunded"}


@pytest.mark.parametrize("method", ["last", "record"])
def test_a_record_that_cannot_be_read_or_written_fails_no_sweep_D44(
    world: World, mocker: MockerFixture, method: str
) -> None:
    world.wallet.hold(a_hold())
    world.clock.move_to(LATER)
    mocker.patch.object(world.sweeps, method, autospec=True, side_effect=StoreUnavailable("no answer"))
    assert world.sweep() == Swept(refunded=1)
    assert world.trace("sweep")["outcome"] == "done"
