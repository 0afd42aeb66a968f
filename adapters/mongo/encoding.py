"""How ids and field names are stored. Callers see plain strings; documents hold ObjectIds and escaped names (D3)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from bson import Binary, DBRef, ObjectId
from bson.binary import UUID_SUBTYPE

from ...core import border

_OBJECT_ID = re.compile("[0-9a-fA-F]{24}")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile("0|-?[1-9][0-9]{0,18}")
_EMPTY = "%"  # escaping never produces a single percent sign
_ESCAPED = str.maketrans({character: f"%{ord(character):02X}" for character in "%.$\0"})


class MongoIds:
    def new(self) -> str:
        return str(ObjectId())


def object_id(text: str) -> ObjectId | None:
    """None when the id is malformed: no document has it."""
    return ObjectId(text) if _OBJECT_ID.fullmatch(text) else None


def user_id(reference: object) -> str:
    """The user that a document refers to, as the flow has its id (D48).

    A reference is an ObjectId, a text, a whole number, a UUID, or a DBRef to one of them. Raises ValueError: a guard
    must know whose session it is.
    """
    stored = reference.id if isinstance(reference, DBRef) else reference
    if isinstance(stored, Binary) and stored.subtype == UUID_SUBTYPE:
        stored = stored.as_uuid()
    text = border.id_text(stored)
    if not border.is_user_id(text):
        raise ValueError(f"is {reference!r}: it must be {border.A_USER_ID}, or a DBRef to one")
    return str(text)


def goal_id(reference: object) -> str:
    """The goal that a document refers to. Raises TypeError."""
    stored = reference.id if isinstance(reference, DBRef) else reference
    if not isinstance(stored, ObjectId | str):
        raise TypeError(f"the goal {reference!r} must be an ObjectId, a text, or a DBRef to one")
    return str(stored)


def id_text(reference: ObjectId | DBRef | str) -> str:
    """The id as a string. Other tools store a reference as an ObjectId, a string or a DBRef."""
    return str(reference.id if isinstance(reference, DBRef) else reference)


def id_forms(text: str, collection: str) -> list[Any]:
    """Every form in which a document may store this id: what ``user_id`` reads. Match them with ``$in``."""
    if _OBJECT_ID.fullmatch(text):
        _id = ObjectId(text)
        return [_id, str(_id), str(_id).upper(), DBRef(collection, _id)]
    plain: list[Any] = [text]
    if _UUID.fullmatch(text):
        plain += [text.upper(), Binary.from_uuid(UUID(text))]
    elif _NUMBER.fullmatch(text) and abs(int(text)) < 2**63:
        plain.append(int(text))
    return [*plain, *(DBRef(collection, one) for one in plain)]


def without_object_ids(value: object) -> object:
    """The value, such as a goal's metadata, with every id in it as a string."""
    if isinstance(value, dict):  # the driver makes no other mapping, and no other sequence than a list
        return {key: without_object_ids(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_object_ids(item) for item in value]
    return id_text(value) if isinstance(value, (ObjectId, DBRef)) else value


def field_name(text: str) -> str:
    """Any text, such as a user's id, as the name of a field.

    In a name, MongoDB reads a dot as a path and a dollar as an operator, and forbids NUL. We percent-encode these and
    the percent sign. The hex digits of an ObjectId stay unchanged.
    """
    return text.translate(_ESCAPED) or _EMPTY


def field_text(name: str) -> str:
    """The text that ``field_name`` encoded."""
    return "" if name == _EMPTY else unquote(name)
