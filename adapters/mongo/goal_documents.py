"""A document of ``goals``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from ...core.model import Goal, Settlement
from .cls_names import bare_cls, stored_cls
from .collection import Document
from .field_names import field_name, field_text
from .ids import without_object_ids

PRIVATE: Document = {"context.type": "trigger-private"}
"""A private goal. Not by ``_cls``, which has two forms."""
ONGOING_PRIVATE_GOAL: Document = {**PRIVATE, "active": True}
"""What the unique index counts (D2)."""
UNSETTLED_GOAL: Document = {"active": False, "settled": False}
"""What the sweeper looks for in an index of its own (L3)."""


def write_goal(goal: Goal, *, dotted_cls: bool) -> Document:
    return {
        "_id": ObjectId(goal.id),
        "_cls": stored_cls(goal._cls, dotted=dotted_cls),
        "active": goal.active,
        "conditions": goal.conditions,
        "levels": goal.levels,
        "nbf": goal.nbf,
        "exp": goal.exp,
        "context": goal.context,
        "metadata": goal.metadata,
        "progress": goal.progress,
        "breakdown": {field_name(user_id): share for user_id, share in goal.breakdown.items()},
        "settlement": goal.settlement,
        "settled": goal.settled,
    }


def read_goal(document: Document) -> Goal:
    """What is empty may be missing: other tools leave it out."""
    values: Any = without_object_ids(document)
    settlement = values.get("settlement")
    return Goal(
        id=values["_id"],
        _cls=bare_cls(values["_cls"]),
        active=values["active"],
        conditions=values.get("conditions", {}),
        levels=values.get("levels", []),
        nbf=values.get("nbf"),
        exp=values.get("exp"),
        context=values.get("context", {}),
        metadata=values.get("metadata", {}),
        progress=values.get("progress", 0),
        breakdown=_read_breakdown(values.get("breakdown") or {}),
        settlement=None if settlement is None else Settlement(settlement),
        settled=values.get("settled", False),
    )


def _read_breakdown(breakdown: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    return {
        field_text(name): {"progress": share.get("progress", 0), "cost": share.get("cost", 0)}
        for name, share in breakdown.items()
    }
