"""A show that should be over for long, and whose settlement rule does not say so, is named. A second costs 1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from show_goal.core.decision import Rule
from show_goal.core.model import Goal
from show_goal.core.rules.settlement import Deposit, Facts, ForTimeShown, SettlementRule, Verdict
from tests.builders import SESSION, STREAMER, VIEWER, VIEWER_2, a_session
from tests.world import World

HOUR = 3_600


class Never:
    """A host's rule that never says that a deposit is due."""

    metered = True

    def __call__(self, facts: Facts, deposit: Deposit) -> Verdict:
        return Verdict(due=facts.now + timedelta(days=1), released=0, rule=Rule.SHOW_BEGAN)


def show_on(viewers: Mapping[str, int], rule: SettlementRule | None = None) -> tuple[World, Goal]:
    """Who has paid for so many seconds."""
    world = World.make(settlement_rule=rule or Never())
    world.sessions.add(a_session(preset="sd"))
    for viewer_id, duration in viewers.items():
        world.invite(viewer_id, duration=duration)
        world.run_due()
    goal = world.goals.all()[0]
    world.agree(goal.id)
    world.wait(60)
    return world, world.goal(goal.id)


def named(world: World, seconds: int) -> bool:
    """Whether the goal is named so long after the show began."""
    world.clock.advance(timedelta(seconds=seconds - 60))
    world.sweep()
    goal = world.goals.all()[0]
    says = world.container.overlong()(10)
    assert [*says] == ([] if (one := world.container.overlong().says(goal)) is None else [one])
    return bool(says)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    "viewers",
    [{VIEWER: 300}, {VIEWER: 300, VIEWER_2: 900}, {VIEWER: 900, VIEWER_2: 300}],
    ids=["one", "last", "first"],
)
def test_show_is_named_an_hour_after_the_time_of_its_last_viewer(viewers: dict[str, int], late: bool) -> None:
    world, _ = show_on(viewers)
    assert named(world, max(viewers.values()) + HOUR - (not late)) is late


def test_time_that_was_bought_before_counts_D37() -> None:
    world, first = show_on({VIEWER: 300})
    world.invite(VIEWER, duration=600, exp=int(world.clock.now().timestamp()) + 200)
    world.run_due()
    extension = world.goals.all()[-1]
    world.agree(extension.id)
    world.wait(60)
    overlong = world.container.overlong()
    world.clock.advance(timedelta(seconds=900 + HOUR - 1 - 120))
    world.sweep()
    assert [first.id in says for says in overlong(10)] == [True]
    world.clock.advance(timedelta(seconds=1))
    assert [extension.id in says for says in overlong(10)] == [False, True]
    assert len(overlong(1)) == 1


def test_crowd_is_looked_at_page_by_page() -> None:
    crowd = [f"viewer{number}" for number in range(150)]
    world = World.make(settlement_rule=Never())
    world.sessions.add(a_session(preset="sd"))
    for number, viewer_id in enumerate(crowd):
        world.wallet.credit(viewer_id, 1_000)
        world.invite(viewer_id, duration=300 + number)
    world.run_due()
    world.agree(world.goals.all()[0].id)
    world.wait(60)
    assert named(world, 449 + HOUR - 1) is False
    world.clock.advance(timedelta(seconds=1))
    assert len(world.container.overlong()(10)) == 1


def test_time_that_was_taken_back_does_not_count_D39() -> None:
    world, goal = show_on({VIEWER: 300, VIEWER_2: 900})
    world.passes.take_back(SESSION, goal.id, [VIEWER_2], world.clock.now())
    assert named(world, 300 + HOUR) is True


def test_show_that_is_over_or_refunded_is_not_named() -> None:
    world, _ = show_on({VIEWER: 300}, ForTimeShown())
    world.wait(2 * HOUR)
    assert world.container.overlong()(10) == []
    assert world.available()[STREAMER] == 300


def test_why_names_the_rule_that_does_not_end_the_show() -> None:
    world, goal = show_on({VIEWER: 300})
    explain = world.container.explain_money()
    before = explain(goal.id)
    assert before is not None
    assert "Never" not in before.says
    assert named(world, 300 + HOUR)
    transaction_id = f"session:trigger-private:{goal.id}:{VIEWER}"
    for asked in (goal.id, transaction_id):
        answer = explain(asked)
        assert answer is not None
        assert f"The time of the viewers of goal {goal.id} was over at 2026-01-01 00:05:00 UTC" in answer.says
        assert answer.says.endswith("the settlement rule Never does not say that its money is due.")
