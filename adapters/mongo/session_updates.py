"""Updates of a session as aggregation pipelines: what is decided and what is written is one step of the server's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from ...core.model import Claim
from .collection import Document
from .expressions import all_of, each_in, merged_if, one_of, unset
from .session_documents import CLAIM, PRIVATE_GOALS, write_claim

Pipeline = list[Document]


def keep_live_claim_or_set(claim: Claim, now: datetime) -> Pipeline:
    kept_or_set = {"$cond": [_claim_live(now), f"${CLAIM}", {"$literal": write_claim(claim)}]}
    return [{"$set": {CLAIM: kept_or_set}}]


def push_private_goal(goal: Sequence[Any], claim: Claim) -> Pipeline:
    """``goal``: the id in every form in which the document may hold it. The goal's own claim is bound from now on."""
    element = {"$literal": [{"goal": ObjectId(claim.goal_id)}]}
    own_claim = one_of(f"${CLAIM}.goal_id", goal)
    return [
        {
            "$set": {
                PRIVATE_GOALS: {"$concatArrays": [{"$ifNull": [f"${PRIVATE_GOALS}", []]}, element]},
                CLAIM: merged_if(own_claim, f"${CLAIM}", {"bound": True}),
            }
        }
    ]


def bind_claim_of_last_goal(goal: Sequence[Any]) -> Pipeline:
    """``goal``: as for ``push_private_goal``. Only a goal that is the last and goes on is what a bound claim says."""
    ongoing = all_of(one_of("$$last.goal", goal), unset("$$last.goal_ended"), one_of(f"${CLAIM}.goal_id", goal))
    bound = merged_if(ongoing, f"${CLAIM}", {"bound": True})
    return [{"$set": {CLAIM: {"$let": {"vars": {"last": {"$last": f"${PRIVATE_GOALS}"}}, "in": bound}}}}]


def end_private_goal(goal: Sequence[Any], ended: datetime, agreed: datetime | None) -> Pipeline:
    """``goal``: as for ``push_private_goal``."""
    ongoing_element = all_of(one_of("$$element.goal", goal), unset("$$element.goal_ended"))
    ended_element = merged_if(ongoing_element, "$$element", {"goal_ended": ended, "goal_agreed": agreed})
    live_claim = all_of(one_of(f"${CLAIM}.goal_id", goal), _claim_live(ended))
    return [
        {
            "$set": {
                PRIVATE_GOALS: each_in(f"${PRIVATE_GOALS}", "element", ended_element),
                CLAIM: merged_if(live_claim, f"${CLAIM}", {"exp": ended}),
            }
        }
    ]


def set_preset(preset: str) -> Pipeline:
    return [{"$set": {"status": {"$mergeObjects": ["$status", {"preset": {"$literal": preset}}]}}}]


def _claim_live(now: datetime) -> Document:
    """``Claim.live``: it stands, and has no exp or one after ``now``."""
    no_exp_or_later = {"$or": [unset(f"${CLAIM}.exp"), {"$gt": [f"${CLAIM}.exp", now]}]}
    return all_of({"$not": unset(f"${CLAIM}.goal_id")}, no_exp_or_later)
