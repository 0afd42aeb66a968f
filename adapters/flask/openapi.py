"""Routes and their OpenAPI 3.1 description: ``add_route`` registers both together, so neither is without the other.

The description leaves out what is up to the host: the response where there is no such route.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import wraps
from importlib.metadata import metadata
from typing import Any

from flask import Blueprint, Flask, Response
from werkzeug.routing import Rule

from ...core.errors import NotLoggedIn
from ..http.operations import SIGNATURE_HEADER, TAGS, Operation
from ..http.responses import success
from ..http.route import VARIABLES
from ..http.schema import Schema, schema_of
from ..problems import MEDIA_TYPE, Problem, title
from .responses import response

_SIGNATURE = "walletSignature"
_LOGIN = "login"
_OF_THE_HOST = {"description": "what the host, or a proxy before it, refuses"}
_ATTRIBUTE = "show_goal_operation"
_VARIABLE = re.compile(r"<(?:[^<>]*:)?(\w+)>")


def add_route(blueprint: Blueprint, method: str, path: str, view: Callable[..., object], operation: Operation) -> None:
    """Answer ``method path`` with what ``view`` returns, as the operation describes it. A Response is sent as it is."""

    @wraps(view)
    def respond(**variables: object) -> Response:
        value = view(**variables)
        return value if isinstance(value, Response) else response(success(operation.status, operation.response, value))

    respond.__doc__ = operation.summary
    setattr(respond, _ATTRIBUTE, operation)
    blueprint.add_url_rule(path, view_func=respond, methods=[method])


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    """Each operation with its rule and its method, also if the host wrapped its view with functools.wraps."""
    for rule in app.url_map.iter_rules():
        operation = getattr(app.view_functions[rule.endpoint], _ATTRIBUTE, None)
        if operation is not None:
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            yield rule, method, operation


def describe(app: Flask, server: str = "/", login: Schema | None = None) -> dict[str, Any]:
    """Every operation of this library in ``app``, under any prefix. ``server`` is where the app is mounted.

    ``login`` is how the host's users log in, as a security scheme of OpenAPI: by default with Flask's session cookie.
    """
    schemas: dict[str, Schema] = {}
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, operation in operations(app):
        path = _VARIABLE.sub(r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(rule, operation, schemas)
    signature = {
        "type": "apiKey",
        "in": "header",
        "name": SIGNATURE_HEADER,
        "description": "sha256=, then the HMAC-SHA256 of the raw body by one of the wallet's keys, in hex",
    }
    cookie = {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]}
    ours = metadata("show-goal")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Show Goal",
            "version": ours["Version"],
            "contact": {"name": ours["Author"]},
            "license": {"name": ours["License-Expression"], "identifier": ours["License-Expression"]},
            "description": "Paid private-show invitations. Refusals are problem details (RFC 9457) with a stable code.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {_LOGIN: login or cookie, _SIGNATURE: signature},
        },
    }


def _operation(rule: Rule, operation: Operation, schemas: dict[str, Schema]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": rule.endpoint,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": f"For {operation.who}.",
        "security": [{name: []} for name in _schemes(operation)],
    }
    variables = [("path", name, VARIABLES[name]) for name in rule.arguments]
    variables += [("query", name, hint) for name, hint in operation.query.items()]
    variables += [("header", name, hint) for name, hint in operation.headers.items()]
    if variables:
        described["parameters"] = [
            {"name": name, "in": place, "required": place != "header", "schema": schema_of(hint, schemas)}
            for place, name, hint in variables
        ]
    if operation.body is not None:
        content = {operation.body.media_type: {"schema": schema_of(operation.body.kind, schemas)}}
        described["requestBody"] = {"required": True, "content": content}
    content = {"application/json": {"schema": schema_of(operation.response, schemas)}}
    success = {str(operation.status): {"description": title(operation.status), "content": content}}
    return {**described, "responses": success | _problems(operation, schemas)}


def _schemes(operation: Operation) -> list[str]:
    """Of one alternative each; none where anybody may ask."""
    if operation.signed:
        return [_SIGNATURE]
    return [_LOGIN] if NotLoggedIn in operation.errors else []


def _problems(operation: Operation, schemas: dict[str, Schema]) -> dict[str, Any]:
    """By status. A status with several codes has a document for each."""
    by_status: dict[int, list[Problem]] = {}
    for problem in sorted(operation.problems(), key=lambda problem: problem.status):
        by_status.setdefault(problem.status, []).append(problem)
    responses = {str(status): _response(problems, schemas) for status, problems in by_status.items()}
    return responses if any(status < 500 for status in by_status) else {"4XX": _OF_THE_HOST, **responses}


def _response(problems: list[Problem], schemas: dict[str, Schema]) -> dict[str, Any]:
    documents = [_document(problem, schemas) for problem in problems]
    schema = documents[0] if len(documents) == 1 else {"oneOf": documents}
    waits = [problem.retry_after is not None for problem in problems]
    wait = {"description": "seconds to wait", "required": all(waits), "schema": {"type": "integer"}}
    headers = {"headers": {"Retry-After": wait}} if any(waits) else {}
    description = " or ".join(problem.code for problem in problems)
    return {"description": description, **headers, "content": {MEDIA_TYPE: {"schema": schema}}}


def _document(problem: Problem, schemas: dict[str, Schema]) -> Schema:
    """Each member has one value, except a detail with a gap and the members beyond the usual five."""
    properties: Schema = {name: {"const": value} for name, value in problem.document().items()}
    if "{" in str(problem.detail):
        properties["detail"] = {"type": "string"}
    properties |= {name: schema_of(hint, schemas) for name, hint in problem.members.items()}
    name = f"problem.{problem.code}"
    schemas[name] = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"$ref": f"#/components/schemas/{name}"}
