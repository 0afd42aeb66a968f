"""A route and its description, entered together: none can be without the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Generic, TypeVar

import attrs
from flask import Blueprint, Response

from .bodies import Body
from .problems import Kind
from .responses import json_response

A = TypeVar("A", bound=attrs.AttrsInstance)
_ATTRIBUTE = "show_goal_operation"


@attrs.frozen(kw_only=True)
class Operation(Generic[A]):
    """What one method of one path does, as its callers need to know it."""

    summary: str
    who: str
    """Whom it is for."""
    answer: type[A]
    status: int = 200
    problems: Sequence[Kind] = ()
    body: Body | None = None
    path: Mapping[str, Any] = attrs.field(factory=dict)
    """The type of each variable in the path."""
    query: Mapping[str, Any] = attrs.field(factory=dict)
    """The type of each variable of the query, every one of which is required."""
    signed: bool = False
    """Whether the body must be signed by the wallet."""

    def answered(self, answer: A) -> Response:
        """Fields that may be left out are, when they are None."""
        body = attrs.asdict(answer, filter=lambda field, value: not (field.default is None and value is None))
        return json_response(self.status, body)


def add_route(blueprint: Blueprint, method: str, path: str, view: Callable[..., A], operation: Operation[A]) -> None:
    """Answer ``method path`` with what ``view`` returns, as the operation describes it."""

    @wraps(view)
    def respond(**variables: object) -> Response:
        return operation.answered(view(**variables))

    respond.__doc__ = operation.summary
    setattr(respond, _ATTRIBUTE, operation)
    blueprint.add_url_rule(path, view_func=respond, methods=[method])


def operation_of(view: Callable[..., Any]) -> Operation[Any] | None:
    """The description of a view that ``add_route`` entered, also when the host has wrapped it (functools.wraps)."""
    operation = getattr(view, _ATTRIBUTE, None)
    return operation if isinstance(operation, Operation) else None
