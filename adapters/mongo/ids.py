"""The border between ObjectIds, which live in the store, and the strings that everybody else sees (D3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bson import DBRef, ObjectId

_OBJECT_ID = re.compile("[0-9a-fA-F]{24}")


class MongoIds:
    def new(self) -> str:
        return str(ObjectId())


def object_id(text: str) -> ObjectId | None:
    """None when the id is malformed: nothing in the store has it."""
    return ObjectId(text) if _OBJECT_ID.fullmatch(text) else None


def id_text(reference: ObjectId | DBRef | str) -> str:
    """The id that a document refers to, in any of the forms in which other tools write it."""
    return str(reference.id if isinstance(reference, DBRef) else reference)


def id_forms(text: str, collection: str) -> list[ObjectId | DBRef | str]:
    """Every form in which a document may refer to this id, to be matched with ``$in``."""
    _id = object_id(text)
    return [text] if _id is None else [_id, str(_id), DBRef(collection, _id)]


def without_object_ids(value: object) -> object:
    """A value of a document's free-form part, such as a goal's metadata, with ids as strings."""
    if isinstance(value, (ObjectId, DBRef)):
        return id_text(value)
    if isinstance(value, Mapping):
        return {key: without_object_ids(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [without_object_ids(item) for item in value]
    return value
