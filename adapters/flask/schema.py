"""JSON Schema (2020-12, as in OpenAPI 3.1) of what stands in the code: attrs classes, and the types of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import attrs

Schema = dict[str, Any]
_PLAIN = {str: "string", int: "integer", bool: "boolean"}


@attrs.frozen(eq=False)  # to be hashed, as a part of a union is
class Note:
    """What a type alone does not say: ``Annotated[int, Note("in seconds", {"minimum": 1})]``."""

    description: str
    keywords: Mapping[str, object] = attrs.field(factory=dict)


ObjectId = Annotated[str, Note("24 hex digits", {"pattern": "^[0-9a-fA-F]{24}$"})]
UnixTime = Annotated[int, Note("Unix time in whole seconds")]
Amount = Annotated[int, Note("in the smallest unit of money", {"minimum": 0})]
Preset = Literal["sd", "preview"]
Seconds = Annotated[int, Note("in seconds", {"minimum": 1})]


def schema_of(hint: Any, components: dict[str, Schema]) -> Schema:
    """The schema of a type. One of an attrs class is entered into ``components`` under its name, and referred to."""
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
    if origin is list:
        return {"type": "array", "items": schema_of(of[0], components)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(of[1], components)}
    return _or_null(of, components)


def _reference(cls: type, components: dict[str, Schema]) -> Schema:
    if cls.__name__ not in components:
        components[cls.__name__] = _object(cls, components)
    return {"$ref": f"#/components/schemas/{cls.__name__}"}


def _object(cls: type, components: dict[str, Schema]) -> Schema:
    """A field with a default may be left out. Other fields than these are refused unless the class says ``OPEN``."""
    hints = get_type_hints(cls, include_extras=True)
    fields = attrs.fields(cls)
    return {
        "type": "object",
        "description": " ".join((cls.__doc__ or "").split()),
        "properties": {field.name: schema_of(hints[field.name], components) for field in fields},
        "required": [field.name for field in fields if field.default is attrs.NOTHING],
        "additionalProperties": getattr(cls, "OPEN", False),
    }


def _or_null(hints: tuple[Any, ...], components: dict[str, Schema]) -> Schema:
    """Of all unions, only that of a type and None."""
    (hint,) = [hint for hint in hints if hint is not NoneType]
    schema = schema_of(hint, components)
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    nullable = {**schema, "type": [schema["type"], "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable
