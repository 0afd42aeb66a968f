"""A browser subscribes with the response of ``/pusher/auth``, on a server of the protocol."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from show_goal.adapters.flask import create_app
from show_goal.adapters.pusher import PusherChannelAuthorizer, PusherNotifier
from show_goal.core.names import preview_channel
from show_goal.ports.notifier import Notification
from tests.builders import a_viewer
from tests.servers import PusherSubscriber, Servers
from tests.world import World

from .settings import settings_from

STREAMER = "57e0000000000000000000aa"
"""Only this file uses it, because other tests share the server."""
VIEWER = a_viewer(id="71e0000000000000000000aa")


@pytest.fixture
def client(servers: Servers) -> FlaskClient:
    settings = settings_from(servers.pusher_url)
    world = World.make(channel_authorizer=PusherChannelAuthorizer(settings), notifier=PusherNotifier(settings))
    return create_app(world.container, current_user=lambda: VIEWER).test_client()


@pytest.fixture
def browser(servers: Servers) -> Iterator[PusherSubscriber]:
    with PusherSubscriber(servers.pusher_url) as subscriber:
        yield subscriber


@pytest.mark.parametrize(
    "channel",
    [f"private-user@{VIEWER.id}", f"presence-stream@{STREAMER}", preview_channel(STREAMER, VIEWER.id)],
)
def test_viewer_with_a_pass_hears_H1(
    servers: Servers, client: FlaskClient, browser: PusherSubscriber, channel: str
) -> None:
    body = {"socket_id": browser.socket_id, "channel_name": channel}
    browser.subscribe_with(channel, **client.post("/pusher/auth", data=body).get_json())
    sent = Notification(id="an.id", event="an.event", channels=[channel], payload={})
    PusherNotifier(settings_from(servers.pusher_url)).notify(sent)
    assert browser.wait_for("an.event", channel).data == {"event_id": "an.id"}


def test_pass_does_not_contain_the_secret(servers: Servers, client: FlaskClient) -> None:
    settings = settings_from(servers.pusher_url)
    answer = client.post("/pusher/auth", data={"socket_id": "1.1", "channel_name": f"private-user@{VIEWER.id}"})
    assert answer.get_json()["auth"].startswith(f"{settings.key}:")
    assert settings.secret not in answer.text


@pytest.mark.parametrize(
    ("socket_id", "channel"),
    [("1.1:private-user@x", "private-user@y"), ("1.1::user::{}", "private-user@y"), ("1.1", "private-user@y:{}")],
)
def test_text_that_could_pass_as_another_socket_or_channel_is_not_signed(
    servers: Servers, socket_id: str, channel: str
) -> None:
    with pytest.raises(ValueError, match=r"(?i)socket|channel"):
        PusherChannelAuthorizer(settings_from(servers.pusher_url)).authorize(socket_id, channel, None)
