"""A test client that holds every answer against the description of its route."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jsonschema_rs
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from show_goal.adapters.flask import create_app
from show_goal.adapters.flask.openapi import describe, operations
from tests.world import World


class Documented(NamedTuple):
    """One problem that a route is described with; and its name in a test's report."""

    operation_id: str
    status: int
    code: str

    def __str__(self) -> str:
        return f"{self.operation_id}-{self.code}"


@cache
def description() -> dict[str, Any]:
    """Of an app of its own."""
    return describe(create_app(World.make().container))


@cache
def described_operations() -> dict[str, dict[str, Any]]:
    """By operation id."""
    return {o["operationId"]: o for methods in description()["paths"].values() for o in methods.values()}


def documented() -> list[Documented]:
    """Every code of every route."""
    return [
        Documented(rule.endpoint, problem.status, problem.code)
        for rule, _, operation in operations(create_app(World.make().container))
        for problem in operation.problems()
    ]


@cache
def _validator(operation_id: str, status: str, media_type: str) -> Any:
    schema = described_operations()[operation_id]["responses"][status]["content"][media_type]["schema"]
    return jsonschema_rs.Draft202012Validator({**schema, "components": description()["components"]})


def disagreement(operation_id: str, response: TestResponse) -> str | None:
    """What the description of the operation does not say of this answer; None when it says all of it."""
    status, media_type = str(response.status_code), response.mimetype
    described = described_operations()[operation_id]["responses"].get(status)
    if described is None or media_type not in described["content"]:
        return f"{operation_id} is not described to answer {status} {media_type}: {response.text}"
    required = {name for name, header in described.get("headers", {}).items() if header["required"]}
    if missing := required - {name for name, _ in response.headers}:
        return f"{operation_id} is described to answer {status} with {missing}"
    errors = _validator(operation_id, status, media_type).iter_errors(response.get_json())
    return "\n".join(str(error) for error in errors) or None


class DescribedClient(FlaskClient):
    """Raises an AssertionError for an answer that differs from the description, or a refusal that changed a store."""

    stores: Callable[[], object] = staticmethod(lambda: None)
    """Everything that a request could change."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        before = self.stores()
        response = super().open(*args, **kwargs)
        assert not 400 <= response.status_code < 500 or self.stores() == before, "it was refused, and changed something"
        asked = operation_asked(self.application, response)
        if asked is not None and not _beside_the_route(response):
            wrong = disagreement(asked, response)
            assert wrong is None, wrong
        return response


def operation_asked(app: Flask, response: TestResponse) -> str | None:
    """None where there is no such route. HEAD and OPTIONS are Flask's own."""
    request = response.request
    try:
        endpoint, _ = app.url_map.bind("").match(request.path, method=request.method)
    except HTTPException:
        return None
    return endpoint if endpoint in described_operations() and request.method not in {"HEAD", "OPTIONS"} else None


def _beside_the_route(response: TestResponse) -> bool:
    """An unknown error, or a request that Werkzeug refuses."""
    return response.status_code == 500 or (response.is_json and response.get_json().get("code") == "bad_request")
