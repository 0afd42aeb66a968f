"""How ids and field names are stored. Callers see plain strings; documents hold ObjectIds and escaped names (D3)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from bson import DBRef, ObjectId

_OBJECT_ID = re.compile("[0-9a-fA-F]{24}")
_EMPTY = "%"  # escaping never produces a single percent sign
_ESCAPED = str.maketrans({character: f"%{ord(character):02X}" for character in "%.$\0"})


class MongoIds:
    def new(self) -> str:
        return str(ObjectId())


def object_id(text: str) -> ObjectId | None:
    """None when the id is malformed: no document has it."""
    return ObjectId(text) if _OBJECT_ID.fullmatch(text) else None


def id_text(reference: ObjectId | DBRef | str) -> str:
    """The id as a string. Other tools store a reference as an ObjectId, a string or a DBRef."""
    return str(reference.id if isinstance(reference, DBRef) else reference)


def id_forms(text: str, collection: str) -> list[ObjectId | DBRef | str]:
    """Every form in which a document may store this id. Match them with ``$in``."""
    _id = object_id(text)
    return [text] if _id is None else [_id, str(_id), DBRef(collection, _id)]


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
