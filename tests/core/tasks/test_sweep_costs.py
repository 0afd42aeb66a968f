"""What one overdue goal costs a sweep: after an outage there are thousands (D43)."""

from __future__ import annotations

from collections import Counter
from inspect import isfunction

from show_goal.core.tasks.sweep import Swept
from show_goal.ports.goals import Goals
from show_goal.ports.wallet import Wallet
from tests.builders import EXP, VIEWER, VIEWER_2, a_goal, a_hold
from tests.world import World

from .crowds import DELAY, before


def calls(world: World) -> Counter[str]:
    """How often each step of the store and the wallet is asked for from now on."""
    counted = Counter[str]()
    for name, port in (("goals", Goals), ("wallet", Wallet)):
        for method in (name for name, one in vars(port).items() if not name.startswith("_") and isfunction(one)):
            before(getattr(world, name), method, lambda *_, called=f"{name}.{method}": counted.update([called]))
    return counted


def test_a_small_escrow_is_read_once_and_each_step_is_one_call(world: World) -> None:
    world.goals.insert(a_goal())
    for viewer_id in (VIEWER, VIEWER_2):
        world.wallet.hold(a_hold(viewer_id=viewer_id))
    world.clock.move_to(EXP + DELAY)
    counted = calls(world)
    assert world.sweep() == Swept(ended=1, settled=1)
    lists = {"goals.overdue": 2, "goals.unsettled": 1, "wallet.overdue": 1}
    once = {"goals.end": 1, "goals.decide": 1, "goals.mark_settled": 1, "wallet.holds_of": 1}
    assert counted == {**lists, **once, "wallet.refund": 2}
