"""The host's own guards of an invitation (D32). They run after the seed's guards, before the balance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from inspect import iscoroutinefunction
from typing import Any, get_args, get_type_hints

from ..errors import HostRefusal
from ..model import Session, Viewer

HostGuard = Callable[[Viewer, Session, int, datetime], HostRefusal | None]
"""A pure function of the viewer, the session, the duration in seconds, and the time. None lets the viewer pass.

The annotation of what it returns names its refusals: ``-> TooLong | None``. They stand in the OpenAPI description.
"""


def ask(host_guard: HostGuard, viewer: Viewer, session: Session, duration: int, now: datetime) -> HostRefusal | None:
    """The guard's verdict. Raises TypeError if it is none: what is not understood lets nobody pass."""
    refused: object = host_guard(viewer, session, duration, now)
    if refused is None or isinstance(refused, refusals_of(host_guard)):
        return refused
    raise TypeError(f"the guard {name_of(host_guard)} returned {refused!r}: it may return what its annotation names")


@cache
def refusals_of(host_guard: HostGuard) -> tuple[type[HostRefusal], ...]:
    """The refusals that the guard's annotation names. Raises TypeError if it names none, or anything else."""
    returned = get_type_hints(_function(host_guard)).get("return")
    kinds: list[Any] = [kind for kind in get_args(returned) or (returned,) if kind is not type(None)]
    if iscoroutinefunction(_function(host_guard)) or not kinds or not all(map(_is_refusal, kinds)):
        raise TypeError(f"the guard {name_of(host_guard)} must say what it returns: a HostRefusal of your own, or None")
    return tuple(kinds)


def name_of(host_guard: HostGuard) -> str:
    return str(getattr(_function(host_guard), "__qualname__", host_guard))


def host_guard_problems(name: str, host_guards: Sequence[Any], taken: Sequence[str]) -> list[str]:
    """What is wrong with each guard, or with the codes of their refusals: ``taken`` are those of others."""
    codes: dict[str, type[HostRefusal]] = {}
    problems: list[str] = []
    for host_guard in host_guards:
        try:
            refusals = refusals_of(host_guard)
        except (TypeError, NameError, AttributeError) as error:
            problems.append(f"{name}: {error}")
            continue
        wrong = [kind for kind in refusals if kind.code in taken or codes.setdefault(kind.code, kind) is not kind]
        problems += [f"{name}: the code {kind.code} of {kind.__name__} is taken" for kind in wrong]
    return problems


def _function(host_guard: Any) -> Any:
    if isinstance(host_guard, partial):
        return _function(host_guard.func)
    return host_guard if hasattr(host_guard, "__qualname__") else type(host_guard).__call__


def _is_refusal(kind: Any) -> bool:
    named = hasattr(kind, "code") and hasattr(kind, "reason") and hasattr(kind, "detail")
    return isinstance(kind, type) and issubclass(kind, HostRefusal) and named
