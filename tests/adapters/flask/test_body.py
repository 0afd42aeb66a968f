"""Bodies that are no invitation: each is refused by its own status, never by an accident."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import request

from tests.builders import NOW, a_body

from .site import PATH, Site

VALID = json.dumps(a_body()).encode()
EXP = int(NOW.timestamp()) + 300


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"'],
)
def test_json_is_accepted_with_any_parameter(site: Site, content_type: str) -> None:
    assert site.post(content_type=content_type).status_code == 202


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/problem+json",
        "application/json, text/html",
        "/",
        "\x00",
    ],
)
def test_everything_else_is_415(site: Site, content_type: str | None) -> None:
    response = site.post(content_type=content_type)
    assert (response.status_code, response.get_json()["code"]) == (415, "unsupported_media_type")


def test_four_kibibytes_are_read(site: Site) -> None:
    assert site.post(VALID.ljust(4_096)).status_code == 202


def test_one_byte_more_is_413(site: Site) -> None:
    response = site.post(VALID.ljust(4_097))
    assert (response.status_code, response.get_json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(("size", "status"), [(4_096, 202), (4_097, 413), (4_098, 413), (1_000_000, 413)])
def test_limit_holds_for_a_chunked_body_without_content_length(site: Site, size: int, status: int) -> None:
    stream = io.BytesIO(VALID.ljust(size))
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    response = site.client.post(
        PATH,
        input_stream=stream,
        content_type="application/json",
        environ_overrides=chunked,
    )
    assert response.status_code == status
    assert stream.tell() <= 4_097, "what is too large is not read to its end"


@pytest.mark.parametrize("read_it", ["get_data", "get_json"])
def test_limit_holds_for_a_body_that_the_host_has_read_before(site: Site, read_it: str) -> None:
    site.app.before_request(lambda: getattr(request, read_it)() and None)
    assert site.post(VALID.ljust(4_097)).status_code == 413
    assert site.post(VALID).status_code == 202


@pytest.mark.parametrize("server", [{}, {"wsgi.input_terminated": True}], ids=["reads on", "marks the end"])
def test_body_shorter_than_its_content_length_is_400_though_it_reads_like_a_whole_one(
    site: Site, server: dict[str, Any]
) -> None:
    before = site.stores()
    response = site.post(VALID, environ_overrides={"CONTENT_LENGTH": str(len(VALID) + 1), **server})
    assert (response.status_code, response.get_json()["code"]) == (400, "incomplete_body")
    assert site.stores() == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{}{}",
        b"nul",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + VALID,
        VALID.decode().encode("utf-16"),
        b"\x1f\x8b\x08\x00",
        b"exp=1&duration=90",
        b'{"exp": NaN, "duration": 90}',
        b'{"exp": Infinity, "duration": 90}',
        b'{"exp": -Infinity, "duration": 90}',
        f'{{"exp": {EXP}, "duration": 1, "duration": 90}}'.encode(),
        b"[" * 4_096,
        b'{"exp":' * 580,
        b"{'exp': 1}",
        b"{exp: 1}",
        b'{"exp": 0x10}',
        b'{"exp": 01}',
        b'{"exp": %d, "duration": 90, "\\ud800": 1}' % EXP,
        b'{"exp": "\\udfff\\ud800", "duration": 90}',
        b'["\\uD83D"]',
    ],
)
def test_malformed_json_is_400(site: Site, body: bytes) -> None:
    response = site.post(body)
    assert (response.status_code, response.get_json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"true",
        b"1",
        b'"{}"',
        b"[]",
        b"{}",
        b"[" * 400 + b"]" * 400,
        b'{"exp": %s, "duration": 90}' % (b"9" * 4_000),
        b'{"exp": -%s, "duration": 90}' % (b"9" * 400),
        b'{"exp": 1e400, "duration": 90}',
        b'{"exp": %d.0, "duration": 90}' % EXP,
        b'{"exp": "%d", "duration": 90}' % EXP,
        b'{"exp": %d000, "duration": 90}' % EXP,
        b'{"exp": %d, "duration": 90, "__proto__": {}}' % EXP,
        b'{"exp": %d, "duration": 90, "\\ud83d\\ude00": 1}' % EXP,
        b'{"exp": %d, "duration": 99999999999999999999}' % EXP,
        b'{"exp": 99999999999999999999, "duration": 90}',
    ],
)
def test_json_that_is_no_invitation_is_400(site: Site, body: bytes) -> None:
    response = site.post(body)
    assert (response.status_code, response.get_json()["code"]) == (400, "invalid_invitation")
