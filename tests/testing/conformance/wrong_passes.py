"""Passes that break a promise."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryPasses
from show_goal.core.model import ViewerPass
from show_goal.core.rules.passes import NEVER, Bought, begins_of, pass_of
from show_goal.testing.conformance import PassesConformance
from show_goal.testing.conformance.examples import NOW, SESSION

from .breaking import WrongAdapters, after, gap

FOR_EVER = datetime.max.replace(tzinfo=UTC)

WRONG = WrongAdapters(PassesConformance, MemoryPasses, lambda it: it)


def forget_others(right: Any, session_id: str, *args: Any) -> None:
    """As a document of the session's that is replaced."""
    stored = right.__self__._bought
    for key in [key for key in stored if key[0] == session_id]:
        del stored[key]
    right(session_id, *args)


def put_back(right: Any, *args: Any) -> None:
    """Read all passes, and write them back after the others have written."""
    stored = right.__self__._bought
    before = dict(stored)
    with gap(right.__self__):
        stored.clear()
        stored.update(before)
        right(*args)


def replace(right: Any, session_id: str, goal_id: str, viewers: Any, now: Any) -> None:
    for viewer_id in viewers:
        right.__self__._bought.pop((session_id, viewer_id), None)
    right(session_id, goal_id, viewers, now)


def count_again(right: Any, session_id: str, goal_id: str, viewers: Any, now: Any) -> None:
    stored = right.__self__._bought
    for viewer_id, each in viewers.items():
        again = Bought(goal_id=goal_id, nbf=each.nbf, duration=each.duration)
        stored[session_id, viewer_id] = [*stored.get((session_id, viewer_id), ()), again]


def forget_begin(right: Any, session_id: str, goal_id: str, viewers: Any, now: Any) -> None:
    """Whatever comes last counts."""
    stored = right.__self__._bought
    for viewer_id in viewers:
        bought = stored.get((session_id, viewer_id), ())
        stored[session_id, viewer_id] = [one for one in bought if one.goal_id != goal_id]
    right(session_id, goal_id, viewers, now)


def until_it_is_given_again(right: Any, session_id: str, goal_id: str, ends: Any, now: Any) -> None:
    """Makes the time longer, too, if it is asked to."""
    stored = right.__self__._bought
    for viewer_id, at in ends.items():
        bought = stored.get((session_id, viewer_id), ())
        begins = begins_of(bought, goal_id)
        if begins is not None:
            left = max(0, ceil((at - begins).total_seconds()))
            stored[session_id, viewer_id] = [
                evolve(one, duration=left) if one.goal_id == goal_id else one for one in bought
            ]


def of_any_goal(right: Any, session_id: str, goal_id: str, ends: Any, now: Any) -> None:
    """If the goal gives nothing, shortens another one's time."""
    stored = right.__self__._bought
    for viewer_id, at in ends.items():
        bought = stored.get((session_id, viewer_id), ())
        mine = [one.goal_id for one in bought if one.goal_id == goal_id]
        for other in mine or [one.goal_id for one in bought]:
            right(session_id, other, {viewer_id: at}, now)


def begins_with_its_nbf(right: Any, session_id: str, goal_id: str, viewer_ids: Any) -> Any:
    """Forgets that time is added to time that runs."""
    stored = right.__self__._bought
    goals = {viewer_id: stored.get((session_id, viewer_id), ()) for viewer_id in viewer_ids}
    own = {viewer_id: [one for one in goals[viewer_id] if one.goal_id == goal_id] for viewer_id in goals}
    begins = {viewer_id: begins_of(some, goal_id) for viewer_id, some in own.items()}
    return {viewer_id: time for viewer_id, time in begins.items() if time is not None}


def without_what_was_taken_back(right: Any, session_id: str, goal_id: str, viewer_ids: Any) -> Any:
    """As if the goal had never given them anything."""
    begins = right(session_id, goal_id, viewer_ids)
    return {viewer_id: time for viewer_id, time in begins.items() if time is not None}


def of_everybody(right: Any, session_id: str, goal_id: str, viewer_ids: Any) -> Any:
    return dict.fromkeys(viewer_ids, NOW) | right(session_id, goal_id, viewer_ids)


def remove(right: Any, session_id: str, goal_id: str, viewer_ids: Any, now: Any) -> None:
    """Leave no mark behind."""
    stored = right.__self__._bought
    for viewer_id in viewer_ids:
        bought = stored.get((session_id, viewer_id), ())
        stored[session_id, viewer_id] = [one for one in bought if one.goal_id != goal_id]


def remove_all(right: Any, session_id: str, goal_id: str, viewer_ids: Any, now: Any) -> None:
    for viewer_id in viewer_ids:
        right.__self__._bought.pop((session_id, viewer_id), None)


WRONG.add("admit.admits", "a pass is missing or changed", admit=forget_others)
WRONG.add("admit.admits", "another session's pass", admit=lambda right, key, *args: right("any", *args))
WRONG.add(
    "admit.admits", "is missing", admit=lambda right, *keys: right(*keys[:2], dict([*keys[2].items()][:100]), keys[3])
)
WRONG.add("admit.at_once", "a viewer who paid was lost", admit=put_back)
WRONG.add("admit.adds_up", "time was lost", admit=replace)
WRONG.add("admit.adds_up", "a race lost time", admit=put_back)
WRONG.add("admit.once", "a repeat counted again", admit=count_again)
WRONG.add("admit.once", "an old message took time away", admit=forget_begin)
WRONG.add("admit.late", "time that was over", admit=lambda right, *keys: right(*keys[:3], NEVER))
WRONG.add("admit.late", "gave more time", admit=lambda right, *keys: right(*keys[:2], _from(keys[2], keys[3]), keys[3]))
WRONG.add(
    "admit.any_text",
    "the id became another one",
    admit=lambda right, *keys: right(*keys[:2], {v.replace("$", ".") or ".": p for v, p in keys[2].items()}, keys[3]),
    find=lambda right, key, viewer: right(key, viewer.replace("$", ".") or "."),
)
WRONG.add("take_back.takes_back", "the pass is still there", take_back=lambda right, *keys: None)
WRONG.add("take_back.takes_back", "another goal's time is gone", take_back=remove_all)
WRONG.add("take_back.begun", "had begun moved", take_back=lambda right, *keys: right(*keys[:3], NEVER))
WRONG.add("take_back.begun", "had not begun stayed", take_back=lambda right, *keys: right(*keys[:3], FOR_EVER))
WRONG.add("take_back.for_good", "who was refunded may watch", take_back=remove)
WRONG.add("find.found", "missing or changed", find=after(lambda found: evolve(found, duration=90)))
WRONG.add("find.none", "another viewer's pass", find=lambda right, key, viewer: right(key, viewer) or _any(right))


def _any(right: Any) -> ViewerPass | None:
    return next((pass_of(found) for (key, _), found in right.__self__._bought.items() if key == SESSION), None)


def _from(viewers: Any, now: Any) -> Any:
    return {viewer_id: evolve(each, nbf=now) for viewer_id, each in viewers.items()}


WRONG.add("shorten.shortens", "does not end then", shorten=lambda right, *keys: None)
WRONG.add("shorten.begun", "had begun moved", shorten=lambda right, *keys: right(*keys[:3], NEVER))
WRONG.add("shorten.begun", "had not begun stayed", shorten=lambda right, *keys: right(*keys[:3], FOR_EVER))
WRONG.add("shorten.never_longer", "gave the time back", shorten=until_it_is_given_again)
WRONG.add("shorten.none", "another goal's time is gone", shorten=of_any_goal)
WRONG.add("begins.begins", "does not begin behind", begins=begins_with_its_nbf)
WRONG.add("begins.taken_back", "was taken back", begins=without_what_was_taken_back)
WRONG.add("begins.none", "somebody has no time", begins=of_everybody)
