"""What one overdue goal costs a sweep: after an outage there are thousands (D43)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from inspect import isfunction

from show_goal.core.rules.settlement import ForTimeShown
from show_goal.core.settings import Settings
from show_goal.core.tasks.sweep import Swept
from show_goal.ports.goals import Goals
from show_goal.ports.wallet import Wallet
from tests.builders import EXP, NOW, VIEWER, VIEWER_2, a_goal, a_hold, a_session
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
    lists = {"goals.overdue": 2, "goals.unsettled": 1, "wallet.overdue": 1, "goals.get_many": 1}
    once = {"goals.end": 1, "goals.decide": 1, "goals.mark_settled": 1, "wallet.holds_of": 1}
    assert counted == {**lists, **once, "wallet.refund": 2}


def test_shows_that_go_on_are_met_page_by_page() -> None:
    """Their holds are past their exp, so each sweep lists them."""
    world = World.make(settlement_rule=ForTimeShown(), settings=Settings(sweep_limit=20))
    for number in range(100):
        goal_id, session_id = f"60a1{number:020x}", f"5e55{number:020x}"
        world.sessions.add(a_session(id=session_id, preset="sd", sd_since=NOW))
        agreed = {**a_goal().metadata, "agreed": NOW}
        conditions = {"session_id": session_id}
        world.goals.insert(a_goal(id=goal_id, active=False, exp=NOW, conditions=conditions, metadata=agreed))
        world.wallet.hold(a_hold(goal_id, viewer_id=VIEWER, amount=1, duration=900, exp=NOW))
    world.clock.advance(timedelta(seconds=61))
    world.sweep()
    counted = calls(world)
    world.clock.advance(timedelta(seconds=15))
    world.sweep()
    assert counted == {"goals.overdue": 2, "goals.unsettled": 1, "wallet.overdue": 5, "goals.get_many": 5}
