"""The OpenAPI 3.1 description of an app's routes, drawn from what ``add_route`` entered; none of it is written twice.

Left out, as they are the host's: how its users log in, and what it answers where there is no such route or method.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from ..problems import MEDIA_TYPE, title
from .operation import Operation, operation_of
from .problems import Kind
from .schema import Schema, schema_of
from .signature import HEADER

_VARIABLE = re.compile(r"<(?:[^<>]*:)?(\w+)>")
_SIGNATURE = "walletSignature"
_RETRY_AFTER = {"Retry-After": {"description": "seconds to wait", "required": True, "schema": {"type": "integer"}}}


def describe(app: Flask, server: str = "/") -> dict[str, Any]:
    """Every operation of this library in ``app``, wherever it was registered. ``server``: where the app is mounted."""
    schemas: dict[str, Schema] = {}
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, operation in operations(app):
        path = _VARIABLE.sub(r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = {"operationId": rule.endpoint, **_operation(operation, schemas)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Show Goal",
            "version": version("show-goal"),
            "description": "Paid private-show invitations. Refusals are problem details (RFC 9457) with a stable code.",
        },
        "servers": [{"url": server}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                _SIGNATURE: {
                    "type": "apiKey",
                    "in": "header",
                    "name": HEADER,
                    "description": "sha256=, then the HMAC-SHA256 of the raw body by one of the wallet's keys, in hex",
                }
            },
        },
    }


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operation[Any]]]:
    """Each with its rule and its method."""
    for rule in app.url_map.iter_rules():
        operation = operation_of(app.view_functions[rule.endpoint])
        if operation is not None:
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            yield rule, method, operation


def _operation(operation: Operation[Any], schemas: dict[str, Schema]) -> dict[str, Any]:
    described: dict[str, Any] = {"summary": operation.summary, "description": f"For {operation.who}."}
    parameters = [
        {"name": name, "in": place, "required": True, "schema": schema_of(hint, schemas)}
        for place, hints in (("path", operation.path), ("query", operation.query))
        for name, hint in hints.items()
    ]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        content = {operation.body.media_type: {"schema": schema_of(operation.body.form, schemas)}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.signed:
        described["security"] = [{_SIGNATURE: []}]
    answer = {"application/json": {"schema": schema_of(operation.answer, schemas)}}
    responses = {str(operation.status): {"description": title(operation.status), "content": answer}}
    return {**described, "responses": responses | _problems(operation, schemas)}


def _problems(operation: Operation[Any], schemas: dict[str, Schema]) -> dict[str, Any]:
    """By status; a status for several reasons has a document for each."""
    by_status: dict[int, list[Kind]] = {}
    for kind in operation.problems:
        by_status.setdefault(kind.status, []).append(kind)
    return {str(status): _response(by_status[status], schemas) for status in sorted(by_status)}


def _response(kinds: list[Kind], schemas: dict[str, Schema]) -> dict[str, Any]:
    references = [_problem(kind, schemas) for kind in kinds]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    headers = {"headers": _RETRY_AFTER} if any(kind.retry_after for kind in kinds) else {}
    return {
        "description": " or ".join(kind.code for kind in kinds),
        **headers,
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


def _problem(kind: Kind, schemas: dict[str, Schema]) -> Schema:
    """The document of one code, each member with its one value. A detail with a gap differs from route to route."""
    detail: Mapping[str, object] = {"const": kind.detail} if "{" not in kind.detail else {"type": "string"}
    properties: Schema = {
        "type": {"const": "about:blank"},
        "title": {"const": title(kind.status)},
        "status": {"const": kind.status},
        "detail": detail,
        "code": {"const": kind.code},
        **{name: schema_of(hint, schemas) for name, hint in kind.members.items()},
    }
    name = f"problem.{kind.code}"
    schemas[name] = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"$ref": f"#/components/schemas/{name}"}
