"""POST /pusher/auth: what pusher-js asks before a browser listens (H1)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask, request

from show_goal.adapters.flask import create_channel_authorization
from show_goal.adapters.memory import MemoryChannelAuthorizer
from show_goal.core.names import blocked_by, preview_channel
from show_goal.ports.channel_authorizer import ChannelPass
from tests.builders import STREAMER, VIEWER, VIEWER_2, a_viewer
from tests.world import World

from .site import Site, refusal

PRIVATE = f"private-user@{VIEWER}"
PRESENCE = f"presence-stream@{STREAMER}"


@pytest.mark.parametrize("channel", [PRIVATE, PRESENCE, preview_channel(STREAMER, VIEWER)])
def test_pusher_js_is_answered_with_what_the_service_accepts_H1(site: Site, channel: str) -> None:
    before = site.stores()
    response = site.listen(channel)
    assert site.stores() == before
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.headers["Cache-Control"] == "no-store"
    assert MemoryChannelAuthorizer().accepts("123.456", channel, ChannelPass(**response.get_json()))


def test_channel_data_is_there_for_presence_channels_alone_H3(site: Site) -> None:
    assert set(site.listen(PRIVATE).get_json()) == {"auth"}
    assert json.loads(site.listen(PRESENCE).get_json()["channel_data"]) == {"user_id": VIEWER}


@pytest.mark.parametrize(
    "channel",
    [f"private-user@{VIEWER_2}", preview_channel(STREAMER, VIEWER_2), "private-nowhere", "public", f"{PRIVATE}\0"],
)
def test_everybody_elses_channel_is_403_H2(site: Site, channel: str) -> None:
    assert refusal(site.listen(channel)) == (403, "channel_forbidden")


def test_who_is_blocked_cannot_tell_D10(site: Site) -> None:
    other = site.listen("private-stream@")
    site.viewer = a_viewer(tags=[blocked_by(STREAMER)])
    blocked = site.listen(PRESENCE)
    assert (blocked.status, blocked.data) == (other.status, other.data)
    assert list(blocked.headers) == list(other.headers)


def test_nobody_who_is_not_logged_in_listens_and_nothing_is_read_D8(site: Site) -> None:
    site.viewer = None
    unread: list[dict[str, Any]] = [{}, {"data": b" " * 10_000}, {"content_type": "text/plain"}]
    for options in unread:
        assert refusal(site.listen(PRESENCE, **options)) == (401, "not_logged_in")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("", {"socket_id", "channel_name"}),
        (f"channel_name={PRIVATE}", {"socket_id"}),
        ("socket_id=1.1", {"channel_name"}),
        (f"socket_id=1.1&channel_name={PRIVATE}&channel_name={PRIVATE}", {"channel_name"}),
        (f"socket_id=1.1&socket_id=1.1&channel_name={PRIVATE}", {"socket_id"}),
        (f"socket_id[$gt]=&channel_name={PRIVATE}", {"socket_id"}),
        ("socket_id=1.1&channel_name[$gt]=", {"channel_name"}),
        (f"socket_id=%D9%A1.1&channel_name={PRIVATE}", {"socket_id"}),
        (b"socket_id=1.1&channel_name=\xff", {"socket_id", "channel_name"}),
        ("socket_id=1.1%3Aprivate-user%40x&channel_name=", {"socket_id", "channel_name"}),
        ("&" * 4_096, {"socket_id", "channel_name"}),
    ],
)
def test_a_form_that_says_it_otherwise_or_twice_is_400(site: Site, body: str | bytes, fields: set[str]) -> None:
    response = site.listen("", data=body, content_type="application/x-www-form-urlencoded")
    assert refusal(response) == (400, "invalid_subscription")
    assert set(response.get_json()["errors"]) == fields


FORM = "application/x-www-form-urlencoded"


def test_type_size_and_wholeness_of_the_body(site: Site) -> None:
    form = f"socket_id=1.1&channel_name={PRIVATE}"
    response = site.listen("", data=b"{}", content_type="application/json")
    assert refusal(response) == (415, "unsupported_media_type")
    assert response.get_json()["detail"] == f"The body must be {FORM}."
    assert site.listen("", data=f"{form}&x=".ljust(4_096, "x"), content_type=FORM).status_code == 200
    larger = site.listen("", data=f"{form}&x=".ljust(4_097, "x"), content_type=FORM)
    assert refusal(larger) == (413, "body_too_large")
    length = {"CONTENT_LENGTH": str(len(form) + 1)}
    broken = site.listen("", data=form, content_type=FORM, environ_overrides=length)
    assert refusal(broken) == (400, "incomplete_body")
    trace = site.world.traces[-1]
    assert (trace.name, trace.reason, trace.ids) == ("authorize_channel", "incomplete_body", {"viewer_id": VIEWER})


def test_a_form_that_a_hook_of_the_host_has_read_is_read_again(site: Site) -> None:
    site.app.before_request(lambda: request.form.get("csrf_token") and None)
    assert site.listen(PRIVATE).status_code == 200


def test_a_host_puts_it_under_any_prefix(world: World) -> None:
    app = Flask("host", static_folder=None)
    app.register_blueprint(create_channel_authorization(world.container, a_viewer), url_prefix="/api")
    form = {"socket_id": "1.1", "channel_name": PRIVATE}
    assert app.test_client().post("/api/pusher/auth", data=form).status_code == 200
    assert app.test_client().post("/api/pusher/auth", data={}).content_type == "application/problem+json"
