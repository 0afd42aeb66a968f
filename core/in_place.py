"""Messages that the task which triggers them carries out itself, so that they need not travel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from .messages import Message
from .trace import taken_along


class Kept(NamedTuple):
    """A message, and the headers that it would have had."""

    message: Any
    headers: Mapping[str, object]


_keeping: ContextVar[tuple[type[Message], list[Kept]] | None] = ContextVar("show_goal_keeping", default=None)


@contextmanager
def keeping(kind: type[Message], kept: list[Kept]) -> Iterator[None]:
    """Put messages of this kind that are triggered inside into ``kept``. They are not queued."""
    token = _keeping.set((kind, kept))
    try:
        yield
    finally:
        _keeping.reset(token)


def keep(message: Message) -> bool:
    """Whether the message is kept, and so must not be queued."""
    kind, kept = _keeping.get() or (None, [])
    if type(message) is not kind:
        return False
    kept.append(Kept(message, taken_along()))
    return True
