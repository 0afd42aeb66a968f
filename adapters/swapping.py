"""Checks what you hand to a container, when the container is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from dependency_injector.providers import Provider

_MAY_LACK = ("releases_parts",)
"""What adapters of hosts lack that are older than it. Core asks whether it is there."""
LEAST_KEY = 16
"""Characters of a wallet key. A shorter key could be guessed."""


def problems_of(given: Mapping[str, object], wanted: Mapping[str, Any]) -> list[str]:
    """What is wrong with each value ``given``, by the types ``wanted`` for each name. Values are not repeated."""
    return [problem for name, value in given.items() if (problem := _problem(name, value, wanted))]


def key_problems(name: str, keys: Iterable[object]) -> list[str]:
    return [
        f"{name}: key {number} must be a text of at least {LEAST_KEY} characters"
        for number, key in enumerate(keys, 1)
        if not isinstance(key, str) or len(key) < LEAST_KEY
    ]


def _problem(name: str, value: object, wanted: Mapping[str, Any]) -> str | None:
    if name not in wanted:
        hint = "".join(f", did you mean {close}?" for close in get_close_matches(name, wanted, 1)) or "."
        return f"there is no port {name}{hint} The ports are: {', '.join(wanted)}"
    if isinstance(value, type):
        return f"{name} is the class {value.__name__}: pass an instance"
    if isinstance(value, Provider):
        return f"{name} is a provider: pass what it provides"
    kinds = get_args(wanted[name]) if get_origin(wanted[name]) in (Union, UnionType) else (wanted[name],)
    misfits = [_misfit(kind, value) for kind in kinds]
    return f"{name} {misfits[0]}" if all(misfits) else None


def _misfit(kind: Any, value: object) -> str | None:
    if kind is Any:
        return None
    if getattr(kind, "_is_protocol", False):
        missing = [member for member in _members(kind) if not hasattr(value, member)]
        return f"lacks {', '.join(missing)} of {kind.__name__}" if missing else None
    origin = get_origin(kind) or kind
    fits = callable(value) if origin is Callable else isinstance(value, origin)
    return None if fits else f"must be a {origin.__name__}, not a {type(value).__name__}"


def _members(protocol: type) -> Iterable[str]:
    """The methods and attributes of a port, and of the ports that it extends."""
    parts = [vars(part) for part in protocol.__mro__]
    names = (name for part in parts for name in (*part.get("__annotations__", ()), *part))
    return (name for name in names if not name.startswith("_") and name not in _MAY_LACK)
