"""Invitations, and the question where their money is."""

from __future__ import annotations

from show_goal.core.operators.story import Answer
from tests.world import World


def why(world: World, asked: str) -> Answer:
    answer: Answer | None = world.container.explain_money()(asked)
    assert answer is not None, f"nothing is known of {asked}"
    return answer


def invite(world: World) -> tuple[str, str]:
    """The ids of the goal and of the transaction, after the tasks have run."""
    accepted = world.invite()
    world.run_due()
    return accepted.goal_id, accepted.transaction_id
