"""Values refuse a wrong type when they are made, so that it never surfaces in a worker (D48)."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Union, get_args, get_origin

from attrs import Attribute, resolve_types
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
    types.NoneType: "None",
    Mapping: "a mapping",
    Sequence: "a list or tuple",
    frozenset: "a set",
}
_ELEMENTS = {str: " of texts", int: " of whole numbers"}
"""Elements of these types are checked, too. The others are many, or check themselves."""
_QUICK: Mapping[Any, tuple[type, ...]] = {Mapping: (dict,), Sequence: (list, tuple)}
"""Types that fit without a look at ``isinstance``, as long as their elements are not checked."""


class InvalidValue(ShowGoalError, ValueError):
    """A field does not take this value. ``wanted`` completes "it must be"."""

    def __init__(self, owner: str, field: Attribute[Any], value: object, wanted: str) -> None:
        given = _shown(value) if field.repr else f"a {type(value).__name__}"  # never repeat a secret
        super().__init__(f"{owner}.{field.name} is {given}: it must be {wanted}")
        self.wanted = wanted


def typed(cls: type, fields: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Let each field take only what its annotation says: ``attrs.frozen(field_transformer=typed)``.

    ``bool`` is no ``int``, a text is no sequence, and a datetime has a time zone. A field's own validators run
    afterwards.
    """
    resolve_types(cls, attribs=fields)
    return [field.evolve(validator=_typed(field)) for field in fields]


def must(holds: Callable[[Any], bool], wanted: str) -> Validator:
    """A validator that raises InvalidValue unless the value ``holds``."""

    def validate(owner: object, field: Attribute[Any], value: Any) -> None:
        if not holds(value):
            raise InvalidValue(type(owner).__name__, field, value, wanted)

    return validate


def at_least(least: float | timedelta) -> Validator:
    return must(lambda value: value >= least, f"at least {_shown(least)}")


def more_than(least: float | timedelta) -> Validator:
    return must(lambda value: value > least, f"more than {_shown(least)}")


not_empty = must(lambda value: value != "", "a text that is not empty")


def _typed(field: Attribute[Any]) -> Validator:
    kinds = get_args(field.type) if get_origin(field.type) in (Union, types.UnionType) else (field.type,)
    wanted = " or ".join(map(_name, kinds))
    exact = {quick for kind in kinds for quick in _exact(kind)}

    def validate(owner: object, field: Attribute[Any], value: object) -> None:
        if type(value) not in exact and not any(_fits(kind, value) for kind in kinds):
            raise InvalidValue(type(owner).__name__, field, value, wanted)

    return validate if field.validator is None else and_(validate, field.validator)


def _exact(kind: Any) -> tuple[type, ...]:
    """Types whose instances all fit: values are made all the time, and this is the quick way."""
    origin = get_origin(kind)
    if origin is None:
        return () if kind is datetime else (kind,)
    return () if get_args(kind)[-1] in _ELEMENTS else _QUICK.get(origin, ())


def _name(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is None:
        return _NAMES.get(kind, f"a {getattr(kind, '__name__', kind)}")
    return f"{_NAMES[origin]}{_ELEMENTS.get(get_args(kind)[-1], '')}"


def _fits(kind: Any, value: object) -> bool:
    origin = get_origin(kind)
    if origin is not None:
        return isinstance(value, origin) and not isinstance(value, str | bytes) and _elements_fit(kind, value)
    if kind is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _elements_fit(kind: Any, value: Any) -> bool:
    of = get_args(kind)[-1]
    if of not in _ELEMENTS:
        return True
    elements: Iterable[object] = value.values() if isinstance(value, Mapping) else value
    return all(_fits(of, element) for element in elements)


def _shown(value: object) -> str:
    return f"{value.total_seconds():g} s" if isinstance(value, timedelta) else repr(value)
