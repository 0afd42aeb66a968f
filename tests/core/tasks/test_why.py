"""D35: what the settlement saw is kept with the goal, shown to those who may see it, and traced."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import asdict

from show_goal.core.decision import Rule, Why
from show_goal.core.model import Viewer
from show_goal.core.names import escrow_id
from tests.builders import GOAL, NOW, STREAMER, VIEWER, a_session
from tests.world import World


@pytest.mark.parametrize(
    ("actions", "rule"),
    [
        (("agree", "sd"), Rule.SHOW_BEGAN),
        (("agree",), Rule.NO_SHOW),
        (("refuse",), Rule.NOT_AGREED),
        ((), Rule.NOT_AGREED),
    ],
)
def test_settlement_says_what_it_saw_D35(world: World, actions: tuple[str, ...], rule: Rule) -> None:
    world.sessions.add(a_session(preset="preview"))
    goal_id = world.invite().goal_id
    world.run_due()
    for action in actions:
        if action == "sd":
            world.switch_preset("sd")
        else:
            world.answer(goal_id, agree=action == "agree")
    world.wait(0 if actions else 300)
    world.wait(60)

    agreed = NOW if "agree" in actions else None
    why = Why(
        rule=rule,
        agreed=agreed,
        show_began=NOW if "sd" in actions else None,
        session_active=None if agreed is None else True,
    )
    for asker in (STREAMER, VIEWER):
        assert world.container.view_goal()(goal_id, Viewer(id=asker)).goal.why == why
    (decision,) = [
        step
        for trace in world.traces
        for step in trace.as_dict()["steps"]  # type: ignore[attr-defined]
        if step["kind"] == "decision"
    ]
    assert decision == {"kind": "decision", "name": why.settlement, "outcome": "done", **asdict(why)}


@pytest.mark.parametrize(
    ("_cls", "context", "rule"),
    [
        ("ShowFundingGoal", {"show_goal_id": "60a1000000000000000000ff"}, Rule.FOLLOWED),
        ("ShowFundingGoal", {}, Rule.NOT_FOLLOWED),
        ("RaffleGoal", {}, Rule.EARNS_NOTHING),
    ],
)
def test_goals_of_other_classes_have_their_rules_D35(
    world: World, _cls: str, context: dict[str, object], rule: Rule
) -> None:
    world.create(GOAL, _cls, context=context)
    world.hold(GOAL, escrow_id(GOAL, _cls))
    world.end()
    world.clock.advance(timedelta(hours=1))
    world.sweep()

    why = world.goal(GOAL).why
    assert why is not None
    assert why.rule is rule
