"""docs/lifecycle.md covers every state, receiver and goal class."""

from __future__ import annotations

import re

from show_goal.core.names import GOAL_CLASSES
from show_goal.core.receivers.registry import MATRIX
from show_goal.core.rules.states import EARNED, GoalState

from .generated import DOES, LIFECYCLE


def test_every_state_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", LIFECYCLE.read_text(), re.MULTILINE)
    assert explained[: len(GoalState)] == [state.value for state in GoalState]


def test_every_receiver_is_explained_and_no_other() -> None:
    assert {row.name for rows in MATRIX.rows.values() for row in rows} == set(DOES)


def test_every_neighbour_is_listed_with_its_release_N7() -> None:
    listed = re.findall(
        r"^\| `(\w+)` \|.*\| (.+) \|$", LIFECYCLE.read_text().partition("## The neighbours")[2], re.MULTILINE
    )
    assert [_cls for _cls, _ in listed[: len(GOAL_CLASSES) - 1]] == list(GOAL_CLASSES[1:])
    assert {_cls for _cls, paid in listed[: len(GOAL_CLASSES) - 1] if paid != "never"} == set(EARNED) - {
        GOAL_CLASSES[0]
    }
