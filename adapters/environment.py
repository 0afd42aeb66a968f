"""Reading ``SHOW_GOAL_*`` variables, so that everything wrong is said at start, by name and at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from ..core.errors import ShowGoalError

PREFIX = "SHOW_GOAL_"
T = TypeVar("T")


class ConfigurationError(ShowGoalError):
    """The environment does not say how to start. ``problems`` names each variable, and what it should be."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Environment:
    """The variables, and what is wrong with them so far. An empty variable counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def required(self, name: str, meaning: str, schemes: Collection[str] = ()) -> str:
        """A text that must be set; when ``schemes`` are given, a URL of one of them. Its value is not repeated."""
        value = self._environ.get(PREFIX + name, "")
        if not value:
            self.problems.append(f"{PREFIX}{name} is not set: {meaning}")
        elif schemes and value.partition("://")[0] not in schemes:
            self.problems.append(f"{PREFIX}{name} must begin with one of {', '.join(f'{s}://' for s in schemes)}")
        return value

    def text(self, name: str, default: str) -> str:
        return self._environ.get(PREFIX + name) or default

    def number(self, name: str, default: int, *, least: int = 1) -> int:
        """A whole number of at least ``least``."""
        return self._parsed(name, default, lambda text: _whole(text, least), f"a whole number of at least {least}")

    def flag(self, name: str, default: bool) -> bool:
        return self._parsed(name, default, _FLAGS.__getitem__, "true or false")

    def secrets(self, name: str, *, least: int) -> tuple[str, ...]:
        """Texts between commas, each of at least ``least`` characters; none when not set. Their values are not
        repeated."""
        text = self._environ.get(PREFIX + name)
        values = tuple(value.strip() for value in text.split(",")) if text else ()
        for number, value in enumerate(values, 1):
            if len(value) < least:
                self.problems.append(f"{PREFIX}{name}: key {number} has fewer than {least} characters")
        return values

    def _parsed(self, name: str, default: T, parse: Callable[[str], T], form: str) -> T:
        text = self._environ.get(PREFIX + name)
        if not text:
            return default
        try:
            return parse(text.strip().lower())
        except (ValueError, KeyError):
            self.problems.append(f"{PREFIX}{name} is {text!r}: it must be {form}")
            return default


_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _whole(text: str, least: int) -> int:
    if int(text) < least:
        raise ValueError(text)
    return int(text)
