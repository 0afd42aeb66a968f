"""The steps of a trace (D28)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from .errors import Refused
from .messages import Message


class Recorded(NamedTuple):
    """One step. A tuple, because many are created."""

    kind: str
    name: str
    outcome: str
    detail: Mapping[str, object] = MappingProxyType({})


class _Passed(dict[type[Refused], Recorded]):
    """One shared step for each guard that passed: a request passes nine of them."""

    def __missing__(self, refusal: type[Refused]) -> Recorded:
        return self.setdefault(refusal, Recorded("guard", refusal.reason, "passed"))


PASSED = _Passed()


class Triggered(NamedTuple):
    """The step that triggered a task. Its detail is computed when it is read, because most never are."""

    message: Message
    eta: datetime | None

    @property
    def kind(self) -> str:
        return "task"

    @property
    def name(self) -> str:
        return self.message.name

    @property
    def outcome(self) -> str:
        return "triggered"

    @property
    def detail(self) -> Mapping[str, object]:
        detail: dict[str, object] = {"arguments": self.message.arguments(), **self.message.headers()}
        return detail if self.eta is None else {**detail, "eta": self.eta}


Step = Recorded | Triggered
"""One line of a trace. ``kind``: guard, task, decision, money, pass, signal, receiver, notification or sweep."""
