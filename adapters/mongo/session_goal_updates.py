"""Updates of what a session keeps of the neighbouring goals, and the conditions under which they are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from .collection import Document
from .expressions import all_of, each_in, is_object, one_of, unset
from .session_documents import EXCLUSIVE_PAIRS, KARAOKE, SHOW_PAIRS
from .session_updates import Pipeline

SHOW_ENDS = {"funding_goal": "funding_ended", "show_goal": "show_ended"}
EXCLUSIVE_ENDS = {"trigger_exclusive_goal": "trigger_exclusive_ended", "exclusive_goal": "exclusive_ended"}
KARAOKE_ENDS = {"goal": "goal_ended"}


def push_funding_goal(goal_id: str) -> Pipeline:
    pair = {"$literal": [{"funding_goal": ObjectId(goal_id)}]}
    return [{"$set": {SHOW_PAIRS: {"$concatArrays": [{"$ifNull": [f"${SHOW_PAIRS}", []]}, pair]}}}]


def no_karaoke_goes_on(goal: Sequence[Any]) -> Document:
    """None stands there, or another one that has ended."""
    free: list[Document] = [{KARAOKE: None}, {f"{KARAOKE}.goal_ended": {"$ne": None}}]
    return {f"{KARAOKE}.goal": {"$nin": list(goal)}, "$or": free}


def no_pair_goes_on(place: str, goal: Sequence[Any]) -> Document:
    """None stands at ``place``, or another one that is over (N3)."""
    without_show: list[Document] = [{f"{place}.exclusive_goal": None}, {f"{place}.exclusive_ended": {"$ne": None}}]
    over: Document = {f"{place}.trigger_exclusive_ended": {"$ne": None}, "$or": without_show}
    return {f"{place}.trigger_exclusive_goal": {"$nin": list(goal)}, "$or": [{place: None}, over]}


def end_embedded(goal: Sequence[Any], ended: datetime) -> Pipeline:
    """``goal``: the id in every form in which the document may hold it. An end that stands stays."""
    pairs, karaoke, exclusives = f"${SHOW_PAIRS}", f"${KARAOKE}", f"${EXCLUSIVE_PAIRS}"
    pair = {"k": "$$pair.k", "v": _with_ends("$$pair.v", EXCLUSIVE_ENDS, goal, ended)}
    ended_exclusives = {"$arrayToObject": {"$map": {"input": {"$objectToArray": exclusives}, "as": "pair", "in": pair}}}
    return [
        {
            "$set": {
                SHOW_PAIRS: each_in(pairs, "pair", _with_ends("$$pair", SHOW_ENDS, goal, ended)),
                KARAOKE: {"$cond": [is_object(karaoke), _with_ends(karaoke, KARAOKE_ENDS, goal, ended), karaoke]},
                EXCLUSIVE_PAIRS: {"$cond": [is_object(exclusives), ended_exclusives, exclusives]},
            }
        }
    ]


def _with_ends(path: str, ends: Mapping[str, str], goal: Sequence[Any], ended: datetime) -> Document:
    """The object at ``path``, with the end of each field that holds the goal."""
    added: list[Any] = [
        {
            "$cond": [
                all_of(one_of(f"{path}.{name}", goal), unset(f"{path}.{end}")),
                {"$literal": {end: ended}},
                {"$literal": {}},
            ]
        }
        for name, end in ends.items()
    ]
    return {"$mergeObjects": [path, *added]}
