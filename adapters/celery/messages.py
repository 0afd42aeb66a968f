"""A message on the wire: JSON keyword arguments with times in ISO-8601 UTC, and headers (D3).

This module has a strict converter of its own: an unknown, missing or mistyped argument is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args, get_origin

from attrs import fields
from cattrs import Converter, transform_error

from ...core.errors import Refused
from ...core.messages import (
    HEADER,
    CreateGoal,
    DeactivateGoal,
    IncrementGoalProgress,
    Message,
    SettleEscrow,
    Sweep,
    Transfer,
)

MESSAGES: tuple[type[Message], ...] = (
    CreateGoal,
    Transfer,
    DeactivateGoal,
    IncrementGoalProgress,
    SettleEscrow,
    Sweep,
)
HEADER_PREFIX = "show_goal_"

M = TypeVar("M", bound=Message)


class MalformedMessage(Refused):
    """The message cannot be read. The text names the argument that is unknown, missing or of the wrong type."""

    code = reason = "malformed_message"


def encode_arguments(message: Message) -> dict[str, object]:
    """The task's keyword arguments, named and shaped as in the seed."""
    arguments: dict[str, object] = _converter.unstructure(message.arguments())
    return arguments


def encode_headers(message: Message) -> dict[str, object]:
    """The message's headers, with a prefix that keeps them apart from the host's."""
    return {HEADER_PREFIX + name: value for name, value in message.headers().items()}


def decode(kind: type[M], arguments: Mapping[str, object], headers: Mapping[str, object]) -> M:
    """The message as it was triggered. Raises MalformedMessage."""
    beside = {
        attribute.name: headers[HEADER_PREFIX + attribute.name]
        for attribute in fields(kind)
        if HEADER in attribute.metadata and HEADER_PREFIX + attribute.name in headers
    }
    try:
        return _converter.structure({**arguments, **beside}, kind)
    except Exception as error:
        raise MalformedMessage("; ".join(transform_error(error, path=kind.name))) from error


def _exactly(kind: type) -> Callable[[Any, object], Any]:
    """cattrs alone would turn "1" into an int and anything into a str."""

    def structure(value: Any, _: object) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not of type {kind.__name__}")
        return value

    return structure


def _time(value: Any, _: object) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(f"{value} has no offset from UTC")
    return time.astimezone(UTC)


def _mapping(value: Any, kind: Any) -> dict[str, Any]:
    of = get_args(kind)[1]  # JSON's keys are always texts
    return {key: _converter.structure(item, of) for key, item in _exactly(dict)(value, kind).items()}


def _sequence(value: Any, kind: Any) -> list[Any]:
    return [_converter.structure(item, get_args(kind)[0]) for item in _exactly(list)(value, kind)]


def _is(generic: object) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is generic


_converter = Converter(forbid_extra_keys=True)
_converter.register_unstructure_hook(datetime, lambda time: time.astimezone(UTC).isoformat())
_converter.register_structure_hook(datetime, _time)
for _kind in (str, int, bool):
    _converter.register_structure_hook(_kind, _exactly(_kind))
_converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
_converter.register_structure_hook_func(_is(Mapping), _mapping)
_converter.register_structure_hook_func(_is(Sequence), _sequence)
