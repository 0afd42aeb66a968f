"""How a goal looks as a document. :mod:`.counting` explains ``counting`` and ``earlier``."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from ...core.decision import Rule, Settlement, Why
from ...core.interval import Interval
from ...core.model import Goal
from .client import Document
from .encoding import without_object_ids

WITHOUT_COUNTS: Document = dict.fromkeys(("counting.recent", "counting.folded", "earlier", "breakdown"), False)
"""A projection: a goal without what grew with its viewers in version 0.1, and without what only counting asks."""
NOTHING_COUNTED: Document = {"folds": [0], "size": 0, "recent": [], "folded": []}


def write_goal(goal: Goal, *, dotted_cls: bool) -> Document:
    return {
        "_id": ObjectId(goal.id),
        "_cls": f"Goal.{goal._cls}" if dotted_cls else goal._cls,
        "active": goal.active,
        "conditions": goal.conditions,
        "levels": goal.levels,
        "nbf": goal.nbf,
        "exp": goal.exp,
        "context": goal.context,
        "metadata": goal.metadata,
        "progress": goal.progress,
        "breakdown": None,
        "counting": NOTHING_COUNTED,
        "settlement": goal.settlement,
        "planned": goal.planned,
        "settled": goal.settled,
        "show_began": goal.show_began,
    }


def read_goal(document: Document) -> Goal:
    """``mark`` is its last fold, which :mod:`.counting` asks for.

    Other tools leave empty fields out, and mongoengine stores ``_cls`` as a dotted path of classes (D5).
    """
    values: Any = without_object_ids(
        {name: value for name, value in document.items() if name not in ("counting", "announcing")}
    )
    settlement, why = values.get("settlement"), values.get("why")
    metadata = values.get("metadata", {})
    metadata.pop("insert_ids", None)  # version 0.1 listed the payments there
    return Goal(
        id=values["_id"],
        _cls=values["_cls"].rpartition(".")[2],
        active=values["active"],
        conditions=values.get("conditions", {}),
        levels=values.get("levels", []),
        nbf=values.get("nbf"),
        exp=values.get("exp"),
        context=values.get("context", {}),
        metadata=metadata,
        progress=values.get("progress", 0),
        settlement=None if settlement is None else Settlement(settlement),
        planned=values.get("planned", 0),
        settled=values.get("settled", False),
        show_began=values.get("show_began"),
        on_sd=tuple(Interval(**one) for one in values.get("on_sd") or ()),
        postponed=values.get("postponed"),
        seen=values.get("seen"),
        why=None if why is None else Why(**{**why, "rule": Rule(why["rule"])}),
        mark=document["counting"]["folds"][0] if "counting" in document else None,
    )
