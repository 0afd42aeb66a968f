"""Where a host's ids and tags become the flow's. What is not understood stays as it is, to be refused by name (D48)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from uuid import UUID

BLOCKED_BY = "blocked-by:"
_USER_ID = re.compile("[-A-Za-z0-9_=@,.;]+")
_ANY_CASE = re.compile("[0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""ObjectIds and UUIDs are the same in any case."""

A_USER_ID = "a text of letters, digits and -_=@,.; or a whole number, a UUID or an ObjectId"
TAGS = f"a set of texts, one for each tag, and those with {BLOCKED_BY} begin with it"


def id_text(value: object) -> Any:
    """A user's id as the flow has it: a text. Whole numbers, UUIDs and ObjectIds become one."""
    kind = type(value)  # isinstance would take a proxy for what is behind it now
    if issubclass(kind, str):
        text = _text(value)
        return text.lower() if _ANY_CASE.fullmatch(text) else text
    if issubclass(kind, int) and kind is not bool:
        return str(int(cast(int, value)))
    if issubclass(kind, UUID) or (kind.__name__ == "ObjectId" and _ANY_CASE.fullmatch(str(value))):
        return str(value)
    return value


def _text(value: Any) -> str:
    """An Enum's own ``str()`` is its name."""
    return str.__str__(value)


def is_user_id(value: object) -> bool:
    return type(value) is str and _USER_ID.fullmatch(value) is not None


def tag_set(tags: object) -> Any:
    """A user's tags. An iterator may be used up already, and a text would become a set of its characters: both stay."""
    if isinstance(tags, str | bytes | Mapping | Iterator) or not isinstance(tags, Iterable):
        return tags
    try:
        return frozenset(form for tag in tags for form in _forms(tag))
    except TypeError:  # a proxy for something else, or tags that are lists
        return tags


def is_tag_set(tags: object) -> bool:
    return type(tags) is frozenset and all(type(tag) is str and _is_tag(tag) for tag in tags)


def _forms(tag: object) -> Iterator[object]:
    """The tag itself, and the tag of each id that ``blocked-by:`` may be followed by.

    An id may have a comma; so may a text that somebody has joined.
    """
    if not issubclass(type(tag), str):
        yield tag
        return
    text = _text(tag)
    yield text
    if text.startswith(BLOCKED_BY):
        ids = text.removeprefix(BLOCKED_BY)
        for one in (ids, *ids.split(",")):
            yield BLOCKED_BY + str(id_text(one.strip()))


def _is_tag(tag: str) -> bool:
    return tag.casefold().count(BLOCKED_BY) == tag.startswith(BLOCKED_BY)
