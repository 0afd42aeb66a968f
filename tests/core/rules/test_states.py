"""The life of a private goal: the table is complete, and a state follows from the goal's own fields."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from show_goal.core.decision import Settlement
from show_goal.core.model import Goal, Session
from show_goal.core.rules.states import TRANSITIONS, GoalState, may_move, state_of, why
from tests.builders import NOW, STREAMER, VIEWER, a_goal, a_session

DELAY = timedelta(seconds=60)
BEFORE = NOW - timedelta(seconds=1)
AGREED = {"user_id": STREAMER, "agreed": NOW}
REFUSED = {"user_id": STREAMER, "cooldown": NOW + timedelta(seconds=60)}


@pytest.mark.parametrize(
    ("goal", "state"),
    [
        (None, GoalState.CLAIMED),
        (a_goal(), GoalState.ONGOING),
        (a_goal(active=False, metadata=AGREED), GoalState.AGREED),
        (a_goal(active=False, metadata=REFUSED), GoalState.REFUSED),
        (a_goal(active=False), GoalState.EXPIRED),
        (a_goal(active=False, metadata=AGREED, settlement=Settlement.RELEASED), GoalState.RELEASED),
        (a_goal(active=False, metadata=AGREED, settlement=Settlement.REFUNDED), GoalState.REFUNDED),
        (a_goal(active=False, metadata=REFUSED, settlement=Settlement.REFUNDED), GoalState.REFUNDED),
        (a_goal(active=False, settlement=Settlement.REFUNDED, settled=True), GoalState.REFUNDED),
    ],
)
def test_state_follows_from_the_goals_fields(goal: Goal | None, state: GoalState) -> None:
    assert state_of(goal) is state


def test_every_state_is_reached_from_the_claim_and_only_settled_ones_are_final_L6() -> None:
    reached = {GoalState.CLAIMED}
    for _ in GoalState:
        reached |= {move.target for move in TRANSITIONS if move.source in reached}

    assert reached == set(GoalState)
    assert reached - {move.source for move in TRANSITIONS} == {GoalState.RELEASED, GoalState.REFUNDED}


def test_only_an_agreed_goal_is_released_L3() -> None:
    consented = [GoalState.AGREED, GoalState.SHOWING]
    assert [move.source for move in TRANSITIONS if move.target is GoalState.RELEASED] == consented


def test_each_move_is_listed_once_with_its_cause_and_may_move_agrees_with_the_list() -> None:
    moves = [(move.source, move.target) for move in TRANSITIONS]
    allowed = [(source, target) for source in GoalState for target in GoalState if may_move(source, target)]

    assert sorted(moves) == sorted(allowed)
    assert all(move.by and move.source is not move.target for move in TRANSITIONS)


@pytest.mark.parametrize(
    ("metadata", "session", "settlement"),
    [
        (AGREED, a_session(preset="sd"), Settlement.RELEASED),
        (AGREED, a_session(preset="preview", sd_since=NOW, sd_until=NOW), Settlement.RELEASED),
        (AGREED, a_session(preset="preview", sd_since=BEFORE, sd_until=NOW), Settlement.REFUNDED),
        (AGREED, a_session(preset="sd", sd_since=NOW + DELAY), Settlement.REFUNDED),
        ({**AGREED, "carried_out": NOW + DELAY}, a_session(preset="sd", sd_since=NOW + DELAY), Settlement.RELEASED),
        (AGREED, a_session(preset="sd", active=False), Settlement.REFUNDED),
        (AGREED, a_session(preset="preview"), Settlement.REFUNDED),
        (AGREED, a_session(preset=None), Settlement.REFUNDED),
        (AGREED, None, Settlement.REFUNDED),
        (REFUSED, a_session(preset="sd"), Settlement.REFUNDED),
        ({"user_id": STREAMER, "triggered_by": VIEWER}, a_session(preset="sd"), Settlement.REFUNDED),
    ],
)
def test_money_is_released_only_if_agreed_and_the_show_began_D40(
    metadata: dict[str, Any], session: Session | None, settlement: Settlement
) -> None:
    assert why(a_goal(active=False, exp=NOW, metadata=metadata), session, DELAY).settlement is settlement
