"""Reading a body strictly: what is not plain JSON is refused, whatever Python's parser would make of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from ...core.errors import Refused
from ..container import Container

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MAX_BYTES = 4_096

T = TypeVar("T")


class BodyRefused(Refused):
    """The body is not looked into."""


class UnsupportedMediaType(BodyRefused):
    """Anything but ``wanted``: for JSON, no HTML form of a foreign page can send it."""

    code = reason = "unsupported_media_type"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"is not {wanted}")
        self.wanted = wanted


class BodyTooLarge(BodyRefused):
    """More than ``limit`` bytes."""

    code = reason = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class IncompleteBody(BodyRefused):
    """It broke off: fewer bytes than Content-Length said, or a chunk that is none."""

    code = reason = "incomplete_body"


class MalformedJson(BodyRefused):
    """Not JSON in UTF-8: NaN, a repeated key, half a surrogate, nesting beyond reason and endless numbers included."""

    code = reason = "malformed_json"


def or_traced(read: Callable[[Request], T], request: Request, container: Container, unit: str, **ids: object) -> T:
    """What is read. A body that never reaches the use case leaves the trace of its request here (D28)."""
    try:
        return read(request)
    except BodyRefused:
        with container.tracer().unit(unit, **ids):
            raise


def read_json(request: Request) -> object:
    """The decoded body, of at most ``MAX_BYTES``. Raises a BodyRefused."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType(JSON)
    return parse_json(read_bytes(request, MAX_BYTES))


def read_form(request: Request) -> Mapping[str, object]:
    """The fields of a form of at most ``MAX_BYTES``; of one that stands twice, a list. Raises a BodyRefused."""
    if request.mimetype != FORM:
        raise UnsupportedMediaType(FORM)
    if "form" not in vars(request):  # a hook of the host's that read it has left nothing to be read again
        read_bytes(request, MAX_BYTES)
    return {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}


def read_bytes(request: Request, limit: int) -> bytes:
    """The body as it came. Raises BodyTooLarge, IncompleteBody."""
    # One byte more than allowed: a chunked stream is cut off at this length without a word.
    request.max_content_length = limit + 1
    try:
        data = request.get_data()
    except RequestEntityTooLarge:
        raise BodyTooLarge(limit) from None
    except Exception as error:  # a broken chunk, a client that hung up: each server has its own word for it
        raise IncompleteBody("the body broke off") from error
    if len(data) > limit:
        raise BodyTooLarge(limit)
    if len(data) < (request.content_length or 0):  # a server that marks the end of its input says no word
        raise IncompleteBody(f"{len(data)} of {request.content_length} bytes")
    return data


def parse_json(data: bytes) -> object:
    """Raises MalformedJson."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # an escape may spell half a surrogate, which nobody can store
    except (ValueError, RecursionError) as error:
        raise MalformedJson(str(error)) from None
    return value


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Of a key that stands twice, two readers may take two values."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
