"""A message on the wire: JSON keyword arguments with times in ISO-8601 UTC, and headers (D3).

A missing or mistyped argument is refused by name. An unknown one is ignored: a newer version may send it (D45).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from attrs import fields
from cattrs import transform_error

from ...core.errors import Refused
from ...core.messages import (
    HEADER,
    AdmitViewers,
    AnnounceProgress,
    CreateGoal,
    DeactivateGoal,
    IncrementGoalProgress,
    Message,
    SettleEscrow,
    Sweep,
    Transfer,
)
from ..strict import strict_converter

MESSAGES: tuple[type[Message], ...] = (
    CreateGoal,
    Transfer,
    DeactivateGoal,
    IncrementGoalProgress,
    AnnounceProgress,
    AdmitViewers,
    SettleEscrow,
    Sweep,
)
HEADER_PREFIX = "show_goal_"

M = TypeVar("M", bound=Message)


class MalformedMessage(Refused):
    """The message cannot be read. The text names the argument that is missing or of the wrong type."""

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


def _time(value: Any, _: object) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(f"{value} has no offset from UTC")
    return time.astimezone(UTC)


_converter = strict_converter(unknown_keys=True)
_converter.register_unstructure_hook(datetime, lambda time: time.astimezone(UTC).isoformat())
_converter.register_structure_hook(datetime, _time)
