"""docs/openapi.json and docs/api.md, drawn from the routes. To draw them anew: ``python -m tests.docs.api``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from show_goal.adapters.container import Container
from show_goal.adapters.flask import create_app
from show_goal.adapters.flask.openapi import describe, operations
from show_goal.adapters.http.operations import SIGNATURE_HEADER, Operation
from show_goal.adapters.http.schema import Schema, schema_of
from show_goal.adapters.problems import Problem

from .blocks import ROOT

OPENAPI = ROOT / "docs" / "openapi.json"
API = ROOT / "docs" / "api.md"

_GAP = re.compile(r"{\w+}")

INTRODUCTION = """\
# The routes

Drawn from the code, as is [the OpenAPI description](openapi.json), which says the same to programs. An app made by
`create_app` serves that description at `/openapi.json` and shows it at `/docs/`; a host registers `create_api_docs()`
under a prefix of its own, and has its own routes' addresses described.

Who is logged in is the host's affair, and so is what it answers where there is no route. The description says that
users log in by Flask's session cookie; `create_api_docs(login=...)` takes another security scheme of OpenAPI. Refusals
are problem details (RFC 9457): `type`, `title`, `status`, `detail` and a stable `code`, which [all codes](#all-codes)
explains. Numbers in JSON are whole, money is in the smallest unit, times are Unix time in whole seconds.
"""


def app() -> Flask:
    return create_app(Container.in_memory())


def openapi() -> str:
    return json.dumps(describe(app()), indent=1) + "\n"


def api() -> str:
    return "\n".join([INTRODUCTION, *_routes(), *_codes()]) + "\n"


def _routes() -> Iterator[str]:
    for rule, method, operation in operations(app()):
        yield f"## {method} `{rule.rule}`"
        yield ""
        yield f"{operation.summary}. For {operation.who}."
        yield ""
        yield from _sent(operation)
        yield from _class(f"**{operation.status}** `{operation.response.__name__}`", operation.response)
        if operation.problems():
            yield f"Refusals: {', '.join(f'`{kind.code}`' for kind in _sorted(operation.problems()))}"
            yield ""


def _sent(operation: Operation) -> Iterator[str]:
    for place, variables in (("Query", operation.query), ("Header, if you like", operation.headers)):
        for name, hint in variables.items():
            yield f"{place}: `{name}`, {_said(schema_of(hint, {}))}."
            yield ""
    if operation.body is not None:
        body = operation.body
        signed = f", signed in `{SIGNATURE_HEADER}`" if operation.signed else ""
        yield from _class(f"Body, at most {body.max_bytes:,} bytes of `{body.media_type}`{signed}", body.kind)


def _class(title: str, cls: type) -> Iterator[str]:
    """What it is, a table of its members, and the same of each class that they refer to."""
    components: dict[str, Schema] = {}
    schema_of(cls, components)
    schema = components.pop(cls.__name__)
    yield from _table(title, schema)
    for name, referred in components.items():
        yield from _table(f"`{name}`", referred)


def _table(title: str, schema: Schema) -> Iterator[str]:
    yield f"{title}: {_said(schema)}"
    yield ""
    yield "| | | |"
    yield "| --- | --- | --- |"
    for name, member in schema["properties"].items():
        optional = "" if name in schema["required"] else ", may be left out"
        yield f"| `{name}` | {_type(member)}{optional} | {_said(member)} |"
    yield ""


def _type(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    return " or ".join([schema["type"]] if isinstance(schema["type"], str) else schema["type"])


def _said(schema: Mapping[str, Any]) -> str:
    return str(schema.get("description", "")).replace("``", "`")


def _codes() -> Iterator[str]:
    kinds = {kind.code: kind for _, _, operation in operations(app()) for kind in operation.problems()}
    yield "## All codes"
    yield ""
    yield "| code | status | detail | beside it |"
    yield "| --- | --- | --- | --- |"
    for kind in _sorted(kinds.values()):
        beside = [*(f"`{name}`" for name in kind.members), *(["`Retry-After`"] if kind.retry_after else [])]
        yield f"| `{kind.code}` | {kind.status} | {_GAP.sub('...', str(kind.detail))} | {', '.join(beside)} |"


def _sorted(kinds: Any) -> list[Problem]:
    return sorted(kinds, key=lambda kind: (kind.status, kind.code))


if __name__ == "__main__":
    OPENAPI.write_text(openapi())
    API.write_text(api())
