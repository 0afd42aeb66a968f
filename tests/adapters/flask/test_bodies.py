"""Bodies that are no invitation: each is refused by its own status, never by an accident."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import request

from show_goal.adapters.flask.bodies import ANSWER, INVITATION, SUBSCRIPTION, TRANSACTION, Body
from show_goal.core.requests.wallet_transaction import timestamp_error
from show_goal.core.rules.invitation import duration_error, exp_error
from show_goal.core.settings import Settings
from tests.builders import NOW, a_body

from .site import PATH, Site, refusal

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
    assert refusal(response) == (415, "unsupported_media_type")


def test_four_kibibytes_are_read(site: Site) -> None:
    assert site.post(VALID.ljust(4_096)).status_code == 202


def test_one_byte_more_is_413(site: Site) -> None:
    response = site.post(VALID.ljust(4_097))
    assert refusal(response) == (413, "body_too_large")


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
    response = site.post(VALID, environ_overrides={"CONTENT_LENGTH": str(len(VALID) + 1), **server})
    assert refusal(response) == (400, "incomplete_body")


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
    assert refusal(response) == (400, "malformed_json")


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
    assert refusal(response) == (400, "invalid_invitation")


# --- the shape of each body, field by field ---

UNIX = int(NOW.timestamp())
LIMITS = {
    "exp": lambda exp: exp_error(exp, NOW, Settings()),
    "duration": lambda duration: duration_error(duration, Settings()),
    "ts": lambda ts: timestamp_error(ts, NOW),
}
REPORT: dict[str, Any] = {
    "id": "t-1",
    "ts": UNIX,
    "fromAccount": "a",
    "fromAmount": 90,
    "toAccount": None,
    "toAmount": None,
    "tags": ["gift"],
}


def wrong(body: Body[Any], sent: object) -> dict[str, str]:
    with pytest.raises(body.refusal) as caught:
        body.structure(sent, LIMITS)
    return caught.value.errors


@pytest.mark.parametrize("exp", [UNIX + 0.5, str(UNIX + 300), True, None, [], {}])
def test_exp_that_is_no_whole_number_is_refused_D6(exp: object) -> None:
    assert wrong(INVITATION, a_body(exp=exp)) == {"exp": "must be Unix time in whole seconds"}


@pytest.mark.parametrize("duration", [0, 1.0, "60", True, None, [60]])
def test_duration_that_is_no_whole_number_is_refused_D7(duration: object) -> None:
    errors = wrong(INVITATION, a_body(duration=duration))
    assert errors == {"duration": "must be a whole number of seconds from 1 to 21600"}


def test_unknown_keys_of_an_invitation_are_refused_D7() -> None:
    errors = wrong(INVITATION, a_body(amount=0, viewer_id="x"))
    assert errors == {"amount": "is not known here", "viewer_id": "is not known here"}


def test_wrong_shapes_and_limits_are_named_at_once() -> None:
    assert set(wrong(INVITATION, {"x": 1})) == {"x", "exp", "duration"}
    assert set(wrong(INVITATION, {"exp": 0, "duration": "60"})) == {"exp", "duration"}
    assert set(wrong(TRANSACTION, {**REPORT, "ts": UNIX - 86_401, "id": 1})) == {"ts", "id"}


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, {"agree"}),
        ({"agree": 1}, {"agree"}),
        ({"agree": "true"}, {"agree"}),
        ({"agree": None, "goal_id": "x"}, {"agree", "goal_id"}),
        ({"agree": True, "amount": 1}, {"amount"}),
    ],
)
def test_answer_that_is_not_agree_true_or_false_is_refused_L2(sent: object, fields: set[str]) -> None:
    assert set(wrong(ANSWER, sent)) == fields


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"id": ""}, {"id"}),
        ({"id": 1}, {"id"}),
        ({"ts": 10**400}, {"ts"}),
        ({"ts": "now"}, {"ts"}),
        ({"ts": True}, {"ts"}),
        ({"fromAccount": None, "fromAmount": -1}, {"fromAccount", "fromAmount"}),
        ({"toAccount": 1, "toAmount": 1.5}, {"toAccount", "toAmount"}),
        ({"fromAmount": 2**53, "toAmount": 2**53}, {"fromAmount", "toAmount"}),
        ({"tags": "gift"}, {"tags"}),
        ({"tags": [1]}, {"tags"}),
    ],
)
def test_report_of_another_shape_is_refused_by_field_L1(changes: dict[str, Any], fields: set[str]) -> None:
    assert set(wrong(TRANSACTION, {**REPORT, **changes})) == fields


def test_report_may_have_unknown_fields_and_amounts_that_json_carries_to_everybody_L1() -> None:
    report = TRANSACTION.structure({**REPORT, "fromAmount": 2**53 - 1, "toAmount": 2**53 - 1, "currency": "gold"})
    assert (report.from_amount, report.to_amount) == (2**53 - 1, 2**53 - 1)


@pytest.mark.parametrize(
    "socket_id",
    [
        "",
        "123",
        "123.",
        ".456",
        "123.456\n",
        "123.456:private-user@x",
        "123.456::user::{}",
        "-1.2",
        "1.2.3",
        "\u0661.\u0662",
        ["123.456", "123.457"],
        "1" * 21 + ".1",
        {"$gt": ""},
    ],
)
def test_socket_id_is_two_short_numbers_H1(socket_id: object) -> None:
    assert set(wrong(SUBSCRIPTION, {"socket_id": socket_id, "channel_name": "x"})) == {"socket_id"}


@pytest.mark.parametrize("channel", ["", ["a", "b"], {"$gt": ""}])
def test_channel_name_is_one_text_H1(channel: object) -> None:
    assert set(wrong(SUBSCRIPTION, {"socket_id": "1.1", "channel_name": channel})) == {"channel_name"}


@pytest.mark.parametrize("body", [INVITATION, ANSWER, TRANSACTION])
@pytest.mark.parametrize("sent", [None, [], "text", 1, True])
def test_body_that_is_no_object_is_refused(body: Body[Any], sent: object) -> None:
    assert wrong(body, sent)["body"].startswith("must be a JSON object")
