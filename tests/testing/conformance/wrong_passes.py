"""Passes that break a promise."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryPasses
from show_goal.core.model import ViewerPass
from show_goal.testing.conformance import PassesConformance
from show_goal.testing.conformance.examples import SESSION

from .breaking import WrongAdapters, after, gap

WRONG = WrongAdapters(PassesConformance, MemoryPasses, lambda it: it)


def forget_others(right: Any, session_id: str, viewers: Any) -> None:
    """As a document of the session's that is replaced."""
    stored = right.__self__._passes
    for key in [key for key in stored if key[0] == session_id]:
        del stored[key]
    right(session_id, viewers)


def put_back(right: Any, session_id: str, viewers: Any) -> None:
    """Read all passes, and write them back after the others have written."""
    stored = right.__self__._passes
    before = dict(stored)
    with gap(right.__self__):
        stored.clear()
        stored.update(before)
        right(session_id, viewers)


def replace(right: Any, session_id: str, viewers: Any) -> None:
    right.__self__._passes.update({(session_id, viewer_id): each for viewer_id, each in viewers.items()})


def compare_first(right: Any, session_id: str, viewers: Any) -> None:
    """Look for a later pass before the others have written. Of those who race, the one that begins first is last."""
    stored = right.__self__._passes
    newer = {v: p for v, p in viewers.items() if (session_id, v) not in stored or stored[session_id, v].nbf <= p.nbf}
    with gap(right.__self__):
        for viewer_id, each in newer.items():
            before = stored.get((session_id, viewer_id))
            if before is None or each.nbf < before.nbf:
                stored[session_id, viewer_id] = each


WRONG.add("admit.admits", "a pass is missing or changed", admit=forget_others)
WRONG.add("admit.admits", "another session's pass", admit=lambda right, key, viewers: right("any", viewers))
WRONG.add("admit.admits", "is missing", admit=lambda right, key, viewers: right(key, dict([*viewers.items()][:100])))
WRONG.add("admit.at_once", "a viewer who paid was lost", admit=put_back)
WRONG.add("admit.later", "replaced the newer pass", admit=replace)
WRONG.add("admit.later", "a race replaced the newer pass", admit=compare_first)
WRONG.add(
    "admit.any_text",
    "the id became another one",
    admit=lambda right, key, viewers: right(key, {v.replace("$", ".") or ".": p for v, p in viewers.items()}),
    find=lambda right, key, viewer: right(key, viewer.replace("$", ".") or "."),
)
WRONG.add("find.found", "missing or changed", find=after(lambda found: evolve(found, duration=90)))
WRONG.add("find.none", "another viewer's pass", find=lambda right, key, viewer: right(key, viewer) or _any(right))


def _any(right: Any) -> ViewerPass | None:
    return next((found for (session_id, _), found in right.__self__._passes.items() if session_id == SESSION), None)
