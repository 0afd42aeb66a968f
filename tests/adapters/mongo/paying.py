"""Payments that count for GOAL, and what has counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSettings
from show_goal.core.model import Goal
from show_goal.ports.page import every
from tests.builders import GOAL, NOW, VIEWER

from .crashing import interrupted_anywhere
from .documents import Document


def pay(goals: MongoGoals, insert_id: str) -> Goal | None:
    progress = goals.increment_progress(GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id=insert_id, now=NOW)
    return None if progress is None else progress.goal


def pay_new(goals: MongoGoals, insert_id: str, before: Goal | None) -> Goal | None:
    """As after a new hold: what the goal was before is known."""
    progress = goals.increment_progress(
        GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id=insert_id, now=NOW, before=before
    )
    return None if progress is None else progress.goal


def progress(goals: MongoGoals) -> int:
    goal = goals.get(GOAL)
    assert goal is not None
    return goal.progress


def contributed(goals: MongoGoals) -> list[str]:
    return [one.insert_id for one in every(partial(goals.contributions, GOAL, 2))]


def interrupted(
    database: Database[Document], settings: MongoSettings, interrupt: Callable[[], object], at_least: int = 3
) -> Iterator[MongoGoals]:
    """Goals whose next call is interrupted: before its first command, then before its second, until it has no more."""
    for slow in interrupted_anywhere(database, interrupt, at_least):
        yield MongoGoals(slow, settings)
