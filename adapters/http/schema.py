"""JSON Schema (2020-12, as in OpenAPI 3.1) of attrs classes and of the types of their fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import attrs

Schema = dict[str, Any]
_PLAIN = {str: "string", int: "integer", datetime: "integer", bool: "boolean"}


@attrs.frozen(eq=False)  # hashable, as a part of a union must be
class Note:
    """What a type does not say: ``Annotated[int, Note("in seconds", {"minimum": 1})]``."""

    description: str
    keywords: Mapping[str, Any] = attrs.field(factory=dict)
    wrong: str = ""
    """What a client learns that sent something else."""

    def allows(self, value: Any) -> bool:
        """Whether a value of the type keeps to the keywords."""
        return all(_KEEPS[keyword](value, limit) for keyword, limit in self.keywords.items())


_KEEPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, least: value >= least,
    "maximum": lambda value, most: value <= most,
    "minLength": lambda value, least: len(value) >= least,
    "pattern": lambda value, pattern: re.fullmatch(pattern, value) is not None,
}

ObjectId = Annotated[str, Note("24 hex digits", {"pattern": "^[0-9a-fA-F]{24}$"})]
UnixTime = Annotated[datetime, Note("Unix time in whole seconds")]
Amount = Annotated[int, Note("in the smallest unit of money", {"minimum": 0})]
Seconds = Annotated[int, Note("in seconds", {"minimum": 1})]


def note_of(kind: type, name: str) -> Note:
    """The note of a field."""
    note: Note = get_type_hints(kind, include_extras=True)[name].__metadata__[0]
    return note


def is_open(kind: type) -> bool:
    """Whether an object may have other fields than the class. A class says so by ``OPEN = True``."""
    return getattr(kind, "OPEN", False)


def schema_of(hint: Any, components: dict[str, Schema]) -> Schema:
    """The schema of a type. That of an attrs class goes into ``components`` under its name, and is referred to."""
    if get_origin(hint) is not None:
        return _composed(get_origin(hint), get_args(hint), components)
    if attrs.has(hint):
        return _reference(hint, components)
    if issubclass(hint, StrEnum):
        return {"type": "string", "enum": [str(member) for member in hint]}
    return {"type": _PLAIN[hint]}


def _composed(origin: Any, of: tuple[Any, ...], components: dict[str, Schema]) -> Schema:
    if origin is Annotated:
        hint, note = of
        return {**schema_of(hint, components), **note.keywords, "description": note.description}
    if origin is Literal:
        return {"type": "string", "enum": list(of)}
    if origin in (list, Sequence):
        return {"type": "array", "items": schema_of(of[0], components)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(of[1], components)}
    return _or_null(of, components)


def _reference(cls: type, components: dict[str, Schema]) -> Schema:
    if cls.__name__ not in components:
        components[cls.__name__] = _object(cls, components)
    return {"$ref": f"#/components/schemas/{cls.__name__}"}


def _object(cls: type, components: dict[str, Schema]) -> Schema:
    """A field with a default may be left out."""
    hints = get_type_hints(cls, include_extras=True)
    fields = attrs.fields(cls)
    return {
        "type": "object",
        "description": " ".join((cls.__doc__ or "").split()),
        "properties": {field.alias: schema_of(hints[field.name], components) for field in fields},
        "required": [field.alias for field in fields if field.default is attrs.NOTHING],
        "additionalProperties": is_open(cls),
    }


def _or_null(hints: tuple[Any, ...], components: dict[str, Schema]) -> Schema:
    """The only union that is supported is one of a type and None."""
    (hint,) = [hint for hint in hints if hint is not NoneType]
    schema = schema_of(hint, components)
    if "$ref" in schema or "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}
