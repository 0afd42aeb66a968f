"""Values refuse a wrong type when they are made, so that it never surfaces in a worker (D48)."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Union, get_args, get_origin

from attrs import Attribute, AttrsInstance, fields, resolve_types
from attrs.validators import and_

from .errors import ShowGoalError

Validator = Callable[[Any, "Attribute[Any]", Any], None]

_NAMES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    datetime: "a datetime with a time zone",
    timedelta: "a timedelta",
    Mapping: "a mapping",
    Sequence: "a list or tuple",
    frozenset: "a set",
}
_ELEMENTS = {str: " of texts", int: " of whole numbers"}
"""Elements of these types are checked, too. The others are many, or check themselves."""


class InvalidValue(ShowGoalError, ValueError):
    """The field ``name`` does not take this value. ``wanted`` completes "it must be"."""

    def __init__(self, owner: str, name: str, value: object, wanted: str, *, secret: bool = False) -> None:
        given = f"a {type(value).__name__}" if secret else _shown(value)
        super().__init__(f"{owner}.{name} is {given}: it must be {wanted}")
        self.name, self.given, self.wanted = name, given, wanted


def typed(cls: type, fields: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Let each field take only what its annotation says: ``attrs.frozen(field_transformer=typed)``.

    ``bool`` is no ``int``, a text is no sequence, and a datetime has a time zone. A field's own validators run
    afterwards.
    """
    resolve_types(cls, attribs=fields)
    return [field.evolve(validator=_typed(field)) for field in fields]


def check_types(instance: AttrsInstance, owner: str) -> None:
    """Whether each field of an instance is what its annotation says, and what is in it is plain. Raises InvalidValue.

    ``owner`` is what the error calls the instance.
    """
    for name, fits, wanted in _annotations(type(instance)):
        value = getattr(instance, name)
        if not fits(value):
            raise InvalidValue(owner, name, value, wanted)
        for path, odd in _odd(value, name):
            raise InvalidValue(owner, path, odd, _PLAIN)


_PLAIN = "a text, a number, a datetime with a time zone, a list, a mapping with texts as keys, or None"


@cache
def _annotations(cls: type[AttrsInstance]) -> list[tuple[str, Callable[[Any], bool], str]]:
    resolve_types(cls)
    return [(field.name, *_annotated(field.type)) for field in fields(cls)]


def _odd(value: object, path: str) -> Iterator[tuple[str, object]]:
    """What no message can carry, with the path to it."""
    if isinstance(value, Mapping):
        yield from ((path, key) for key in value if not isinstance(key, str))
        items = [(f"{path}.{key}", item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        items = [(f"{path}.{number}", item) for number, item in enumerate(value)]
    else:
        aware = isinstance(value, datetime) and value.tzinfo is not None
        if not aware and value is not None and not isinstance(value, str | int | float | timedelta):
            yield path, value
        return
    for inner, item in items:
        yield from _odd(item, inner)


def must(holds: Callable[[Any], bool], wanted: str) -> Validator:
    """A validator that raises InvalidValue unless the value ``holds``."""

    def validate(owner: object, field: Attribute[Any], value: Any) -> None:
        if not holds(value):
            raise InvalidValue(type(owner).__name__, field.name, value, wanted, secret=not field.repr)

    return validate


def at_least(least: float | timedelta) -> Validator:
    return must(lambda value: value >= least, f"at least {_shown(least)}")


def more_than(least: float | timedelta) -> Validator:
    return must(lambda value: value > least, f"more than {_shown(least)}")


not_empty = must(lambda value: value != "", "a text that is not empty")


def _typed(field: Attribute[Any]) -> Validator:
    validate = must(*_annotated(field.type))
    return validate if field.validator is None else and_(validate, field.validator)


def _annotated(annotation: Any) -> tuple[Callable[[Any], bool], str]:
    """Whether a value is what an annotation says, and that in words."""
    union = get_origin(annotation) in (Union, types.UnionType)
    kind: Any = get_args(annotation)[0] if union else annotation  # the only unions here are with None
    fits = _fitting(kind)
    return (lambda value: value is None or fits(value), f"{_name(kind)} or None") if union else (fits, _name(kind))


def _name(kind: Any) -> str:
    if get_origin(kind) is None:
        return _NAMES.get(kind, f"a {getattr(kind, '__name__', kind)}")
    return f"{_NAMES[get_origin(kind)]}{_ELEMENTS.get(get_args(kind)[-1], '')}"


def _fitting(kind: Any) -> Callable[[Any], bool]:
    """Whether a value fits. Values are made all the time, so this decides what it can when the class is made."""
    origin, of = get_origin(kind), (None, *get_args(kind))[-1]
    if origin is not None:
        fits = _fitting(of) if of in _ELEMENTS else None
        return lambda value: (
            isinstance(value, origin)
            and not isinstance(value, str | bytes)
            and (fits is None or all(map(fits, value.values() if isinstance(value, Mapping) else value)))
        )
    if kind is datetime:
        return lambda value: isinstance(value, datetime) and value.tzinfo is not None
    if kind is bool:
        return lambda value: value is True or value is False
    accepted = int | float if kind is float else kind
    return lambda value: isinstance(value, accepted) and not isinstance(value, bool)


def _shown(value: object) -> str:
    return f"{value.total_seconds():g} s" if isinstance(value, timedelta) else repr(value)
