"""How each body is read: media type, size, JSON or form encoding, and the shape of its fields."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import request

from show_goal.adapters.http.bodies import (
    ANSWER,
    INVITATION,
    SUBSCRIPTION,
    TRANSACTION,
    Body,
    MalformedJson,
    parse_json,
)
from show_goal.core.requests.wallet_transaction import timestamp_error
from show_goal.core.rules.invitation import duration_error, exp_error
from show_goal.core.settings import Settings
from tests.builders import NOW, VIEWER, a_body

from .site import FORM, PATH, Site, a_report_body, refusal

VALID = json.dumps(a_body()).encode()
UNIX = int(NOW.timestamp())
EXP = UNIX + 300
PRIVATE = f"private-user@{VIEWER}"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"']
)
def test_json_is_accepted_with_any_parameter(site: Site, content_type: str) -> None:
    assert site.post(content_type=content_type).status_code == 202


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/json",
        FORM,
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/problem+json",
        "application/json, text/html",
        "/",
        "\x00",
    ],
)
def test_any_other_media_type_is_415(site: Site, content_type: str | None) -> None:
    assert refusal(site.post(content_type=content_type)) == (415, "unsupported_media_type")


@pytest.mark.parametrize(("size", "status"), [(4_096, 202), (4_097, 413), (4_098, 413), (1_000_000, 413)])
def test_at_most_4_kib_are_read_also_of_a_chunked_body(site: Site, size: int, status: int) -> None:
    stream = io.BytesIO(VALID.ljust(size))
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    kind = "application/json"
    response = site.client.post(PATH, input_stream=stream, content_type=kind, environ_overrides=chunked)
    assert response.status_code == status
    assert stream.tell() <= 4_097, "a body that is too large is not read to its end"
    assert site.post(VALID.ljust(size)).status_code == status, "with a Content-Length"


@pytest.mark.parametrize("read_it", ["get_data", "get_json"])
def test_the_limit_holds_for_a_body_that_the_host_has_read_before(site: Site, read_it: str) -> None:
    site.app.before_request(lambda: getattr(request, read_it)() and None)
    assert site.post(VALID.ljust(4_097)).status_code == 413
    assert site.post(VALID).status_code == 202


@pytest.mark.parametrize("server", [{}, {"wsgi.input_terminated": True}], ids=["reads on", "marks the end"])
def test_a_body_shorter_than_its_content_length_is_400_even_if_it_is_valid(site: Site, server: dict[str, Any]) -> None:
    response = site.post(VALID, environ_overrides={"CONTENT_LENGTH": str(len(VALID) + 1), **server})
    assert refusal(response) == (400, "incomplete_body")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
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
def test_malformed_json_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_json(body)


# --- the shape of each body, field by field ---

LIMITS = {
    "exp": lambda exp: exp_error(exp, NOW, Settings()),
    "duration": lambda duration: duration_error(duration, Settings()),
    "ts": lambda ts: timestamp_error(ts, NOW),
}


def wrong(body: Body[Any], sent: object) -> dict[str, str]:
    with pytest.raises(body.refusal) as caught:
        body.structure(sent, LIMITS)
    return caught.value.errors


@pytest.mark.parametrize("exp", ["0.5", "1e400", '"1767225900"', "true", "null", "[]", "{}", f"{EXP}.0"])
def test_exp_that_is_no_whole_number_is_refused_D6(exp: str) -> None:
    sent = parse_json(f'{{"exp": {exp}, "duration": 90}}'.encode())
    assert wrong(INVITATION, sent) == {"exp": "must be Unix time in whole seconds"}


@pytest.mark.parametrize("duration", ["1.0", '"60"', "true", "null", "[60]"])
def test_duration_that_is_no_whole_number_is_refused_D7(duration: str) -> None:
    sent = parse_json(f'{{"exp": {EXP}, "duration": {duration}}}'.encode())
    assert wrong(INVITATION, sent) == {"duration": "must be a whole number of seconds from 1 to 21600"}


@pytest.mark.parametrize("key", ["price", "viewer_id", "__proto__", "\U0001f600"])
def test_an_unknown_key_of_an_invitation_is_refused_D7(key: str) -> None:
    assert wrong(INVITATION, {**a_body(), key: 1}) == {key: "is not known here"}


def test_wrong_shapes_and_wrong_values_are_reported_together() -> None:
    assert set(wrong(INVITATION, {"x": 1})) == {"x", "exp", "duration"}
    assert set(wrong(INVITATION, {"exp": 0, "duration": "60"})) == {"exp", "duration"}
    assert set(wrong(TRANSACTION, a_report_body(ts=UNIX - 86_401, id=1))) == {"ts", "id"}


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
def test_an_answer_other_than_agree_true_or_false_is_refused_L2(sent: object, fields: set[str]) -> None:
    errors = wrong(ANSWER, sent)
    assert set(errors) == fields
    assert errors.get("agree", "must be true or false") == "must be true or false"


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
def test_a_report_of_another_shape_is_refused_by_field_L1(changes: dict[str, Any], fields: set[str]) -> None:
    assert set(wrong(TRANSACTION, a_report_body(**changes))) == fields


def test_a_report_may_have_the_largest_amount_that_every_json_reader_keeps_L1() -> None:
    report = TRANSACTION.structure(a_report_body(fromAmount=2**53 - 1, toAmount=2**53 - 1))
    assert (report.from_amount, report.to_amount) == (2**53 - 1, 2**53 - 1)


@pytest.mark.parametrize("body", [INVITATION, ANSWER, TRANSACTION])
@pytest.mark.parametrize("sent", [None, [], "text", 1, True])
def test_a_body_that_is_no_object_is_refused(body: Body[Any], sent: object) -> None:
    assert wrong(body, sent)["body"].startswith("must be a JSON object")


# --- what pusher-js sends ---


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
        "1" * 21 + ".1",
        {"$gt": ""},
    ],
)
def test_a_socket_id_is_two_short_numbers_H1(socket_id: object) -> None:
    assert set(wrong(SUBSCRIPTION, {"socket_id": socket_id, "channel_name": "x"})) == {"socket_id"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("", {"socket_id", "channel_name"}),
        ("socket_id=1.1&channel_name=", {"channel_name"}),
        (f"socket_id=1.1&channel_name={PRIVATE}&channel_name={PRIVATE}", {"channel_name"}),
        (f"socket_id=1.1&socket_id=1.1&channel_name={PRIVATE}", {"socket_id"}),
        (f"socket_id[$gt]=&channel_name={PRIVATE}", {"socket_id"}),
        ("socket_id=1.1&channel_name[$gt]=", {"channel_name"}),
        (b"socket_id=1.1&channel_name=\xff", {"socket_id", "channel_name"}),
        ("&" * 4_096, {"socket_id", "channel_name"}),
    ],
)
def test_a_subscription_has_each_field_once_H1(site: Site, body: str | bytes, fields: set[str]) -> None:
    response = site.listen(data=body, content_type=FORM)
    assert refusal(response) == (400, "invalid_subscription")
    assert set(response.get_json()["errors"]) == fields


def test_at_most_4_kib_of_a_subscription_are_read_and_all_of_it(site: Site) -> None:
    form = f"socket_id=1.1&channel_name={PRIVATE}&x="
    assert site.listen(data=form.ljust(4_096, "x"), content_type=FORM).status_code == 200
    assert refusal(site.listen(data=form.ljust(4_097, "x"), content_type=FORM)) == (413, "body_too_large")
    broken_off = {"CONTENT_LENGTH": str(len(form) + 1)}
    response = site.listen(data=form, content_type=FORM, environ_overrides=broken_off)
    assert refusal(response) == (400, "incomplete_body")


def test_a_subscription_that_a_hook_of_the_host_has_read_is_read_again(site: Site) -> None:
    site.app.before_request(lambda: request.form.get("csrf_token") and None)
    assert site.listen(PRIVATE).status_code == 200
