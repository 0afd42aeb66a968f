"""The fields of a session's document: those that the flow writes, and the paths of the host's own (D49)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.validation import must

CLAIM = "trigger_private_claim"
PRIVATE_GOALS = "trigger_private_goals"
SHOW_PAIRS = "show_goal_pairs"
KARAOKE = "karaoke_goal"
EXCLUSIVE_PAIRS = "exclusive_goal_pairs"
ON_SD = "trigger_private_sd"
"""``{since, until}``: the last time that the session was on sd (D40)."""

_TAKEN = frozenset({"_id", CLAIM, PRIVATE_GOALS, SHOW_PAIRS, KARAOKE, EXCLUSIVE_PAIRS, ON_SD})


class MissingField(LookupError):
    """A document has nothing at a path."""


class NoObject(LookupError):
    """A path leads through something that has no fields. The text says what."""


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """What the document has at a dotted path; it may be None.

    Raises MissingField and NoObject. A query also looks into the elements of a list. This does not: nobody knows which
    element counts.
    """
    value: Any = document
    passed: list[str] = []
    for name in path.split("."):
        if value is None:
            raise MissingField
        if not isinstance(value, Mapping):
            raise NoObject(f"{'.'.join(passed)} is {value!r}")
        if name not in value:
            raise MissingField
        value = value[name]
        passed.append(name)
    return value


def overlap(one: str, other: str) -> bool:
    """Whether one path is the other, or leads through it: then writing one changes the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _is_path(text: str) -> bool:
    names = text.split(".")
    return names[0] not in _TAKEN and all(map(_is_name, names))


def _is_name(name: str) -> bool:
    """MongoDB takes a number for a place in a list, and a dollar for an operator."""
    return bool(name) and not name.isdecimal() and not name.startswith("$") and "\0" not in name


a_path = must(
    _is_path,
    "the names of fields with dots between; none of them is empty, a number or begins with $, and the first is none of "
    + ", ".join(sorted(_TAKEN)),
)
"""The validator of a path."""
