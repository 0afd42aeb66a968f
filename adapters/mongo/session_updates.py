"""Updates of a session's document, as aggregation pipelines: the server decides and writes in one step.

``goal`` is always a goal's id in every form in which the document may store it, as ``id_forms`` returns it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from ...core.model import Claim
from ...core.names import PRESET_SD
from .client import Document
from .session_fields import CLAIM, EXCLUSIVE_PAIRS, KARAOKE, ON_SD, PRIVATE_GOALS, SHOW_PAIRS
from .session_values import write_claim

Pipeline = list[Document]

_SHOW_ENDS = {"funding_goal": "funding_ended", "show_goal": "show_ended"}
_EXCLUSIVE_ENDS = {"trigger_exclusive_goal": "trigger_exclusive_ended", "exclusive_goal": "exclusive_ended"}
_KARAOKE_ENDS = {"goal": "goal_ended"}


def keep_live_claim_or_set(claim: Claim, now: datetime) -> Pipeline:
    kept_or_set = {"$cond": [_claim_live(now), f"${CLAIM}", {"$literal": write_claim(claim)}]}
    return [{"$set": {CLAIM: kept_or_set}}]


def push_private_goal(goal: Sequence[Any], claim: Claim) -> Pipeline:
    """Push the goal, and mark its claim as bound."""
    own_claim = _one_of(f"${CLAIM}.goal_id", goal)
    return [
        {
            "$set": {
                PRIVATE_GOALS: _pushed(f"${PRIVATE_GOALS}", {"goal": ObjectId(claim.goal_id)}),
                CLAIM: _merged_if(own_claim, f"${CLAIM}", {"bound": True}),
            }
        }
    ]


def bind_claim_of_last_goal(goal: Sequence[Any]) -> Pipeline:
    """Mark the claim as bound if its goal is the last one and has not ended: that is what a bound claim means."""
    ongoing = _all_of(_one_of("$$last.goal", goal), _unset("$$last.goal_ended"), _one_of(f"${CLAIM}.goal_id", goal))
    bound = _merged_if(ongoing, f"${CLAIM}", {"bound": True})
    return [{"$set": {CLAIM: {"$let": {"vars": {"last": {"$last": f"${PRIVATE_GOALS}"}}, "in": bound}}}}]


def end_private_goal(goal: Sequence[Any], ended: datetime, agreed: datetime | None) -> Pipeline:
    ongoing_element = _all_of(_one_of("$$element.goal", goal), _unset("$$element.goal_ended"))
    ended_element = _merged_if(ongoing_element, "$$element", {"goal_ended": ended, "goal_agreed": agreed})
    live_claim = _all_of(_one_of(f"${CLAIM}.goal_id", goal), _claim_live(ended))
    return [
        {
            "$set": {
                PRIVATE_GOALS: _each_in(f"${PRIVATE_GOALS}", "element", ended_element),
                CLAIM: _merged_if(live_claim, f"${CLAIM}", {"exp": ended}),
            }
        }
    ]


def drop_private_goal(goal: Sequence[Any], ended: datetime) -> Pipeline:
    own_claim = _one_of(f"${CLAIM}.goal_id", goal)
    ended_claim = _merged_if(_all_of(own_claim, _claim_live(ended)), f"${CLAIM}", {"exp": ended})
    others = {"$not": _one_of("$$element.goal", goal)}
    kept = {"$filter": {"input": f"${PRIVATE_GOALS}", "as": "element", "cond": others}}
    return [
        {
            "$set": {
                PRIVATE_GOALS: {"$cond": [{"$isArray": f"${PRIVATE_GOALS}"}, kept, f"${PRIVATE_GOALS}"]},
                CLAIM: _merged_if(own_claim, ended_claim, {"bound": None}),
            }
        }
    ]


def set_preset(path: str, preset: str, now: datetime) -> Pipeline:
    """Write nothing where ``path`` leads through anything but objects: ``read`` names that document."""
    on_sd: Document = {"$eq": [f"${path}", PRESET_SD]}
    known = _all_of({"$not": _unset(f"${ON_SD}.since")}, _unset(f"${ON_SD}.until"))
    since = {"$cond": [known, f"${ON_SD}.since", now]}
    if preset == PRESET_SD:
        times: Document = {"$cond": [on_sd, f"${ON_SD}", {"$literal": {"since": now, "until": None}}]}
    else:
        times = {"$cond": [on_sd, {"since": since, "until": now}, f"${ON_SD}"]}
    first, *_ = names = path.split(".")
    branches = [".".join(names[:depth]) for depth in range(1, len(names))]
    free = _all_of(*({"$in": [{"$type": f"${branch}"}, ["object", "null", "missing"]]} for branch in branches))
    written: Document = {"$literal": preset}
    for branch, name in reversed([*zip(branches, names[1:], strict=True)]):
        written = {"$mergeObjects": [f"${branch}", {name: written}]}
    return [{"$set": {name: {"$cond": [free, new, f"${name}"]} for name, new in ((first, written), (ON_SD, times))}}]


def push_funding_goal(goal_id: str) -> Pipeline:
    return [{"$set": {SHOW_PAIRS: _pushed(f"${SHOW_PAIRS}", {"funding_goal": ObjectId(goal_id)})}}]


def end_embedded(goal: Sequence[Any], ended: datetime) -> Pipeline:
    """Write the end beside the goal wherever the session has it. An end that is already there stays."""
    pairs, karaoke, exclusives = f"${SHOW_PAIRS}", f"${KARAOKE}", f"${EXCLUSIVE_PAIRS}"
    pair = {"k": "$$pair.k", "v": _with_ends("$$pair.v", _EXCLUSIVE_ENDS, goal, ended)}
    ended_exclusives = {"$arrayToObject": {"$map": {"input": {"$objectToArray": exclusives}, "as": "pair", "in": pair}}}
    return [
        {
            "$set": {
                SHOW_PAIRS: _each_in(pairs, "pair", _with_ends("$$pair", _SHOW_ENDS, goal, ended)),
                KARAOKE: {"$cond": [_is_object(karaoke), _with_ends(karaoke, _KARAOKE_ENDS, goal, ended), karaoke]},
                EXCLUSIVE_PAIRS: {"$cond": [_is_object(exclusives), ended_exclusives, exclusives]},
            }
        }
    ]


def _with_ends(path: str, ends: Mapping[str, str], goal: Sequence[Any], ended: datetime) -> Document:
    """The object at ``path``, with an end added for each field that holds the goal and has none."""
    added: list[Any] = [
        {
            "$cond": [
                _all_of(_one_of(f"{path}.{name}", goal), _unset(f"{path}.{end}")),
                {"$literal": {end: ended}},
                {"$literal": {}},
            ]
        }
        for name, end in ends.items()
    ]
    return {"$mergeObjects": [path, *added]}


def _claim_live(now: datetime) -> Document:
    """``Claim.live``: there is a claim, and its exp is null or after ``now``."""
    no_exp_or_later = {"$or": [_unset(f"${CLAIM}.exp"), {"$gt": [f"${CLAIM}.exp", now]}]}
    return _all_of({"$not": _unset(f"${CLAIM}.goal_id")}, no_exp_or_later)


def _all_of(*conditions: Document) -> Document:
    return {"$and": list(conditions)}


def _unset(path: str) -> Document:
    """Missing or null."""
    return {"$eq": [{"$ifNull": [path, None]}, None]}


def _one_of(path: str, values: Sequence[Any]) -> Document:
    return {"$in": [path, {"$literal": list(values)}]}


def _is_object(path: str) -> Document:
    return {"$eq": [{"$type": path}, "object"]}


def _merged_if(condition: Document, path: str | Document, changes: Document) -> Document:
    return {"$cond": [condition, {"$mergeObjects": [path, {"$literal": changes}]}, path]}


def _pushed(path: str, element: Document) -> Document:
    """The array at ``path`` with one more element. A missing or null array counts as empty."""
    return {"$concatArrays": [{"$ifNull": [path, []]}, {"$literal": [element]}]}


def _each_in(path: str, name: str, element: Document) -> Document:
    """The array at ``path`` with each element, ``$$name``, replaced. Anything but an array stays unchanged."""
    return {"$cond": [{"$isArray": path}, {"$map": {"input": path, "as": name, "in": element}}, path]}
