"""From the route to a browser that hears: what /pusher/auth answers is what a server of the protocol wants to see."""

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
"""Of this file alone: other tests on the same server have their own."""
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
def test_who_may_listen_hears_H1(
    servers: Servers, client: FlaskClient, browser: PusherSubscriber, channel: str
) -> None:
    form = {"socket_id": browser.socket_id, "channel_name": channel}
    browser.subscribe_with(channel, **client.post("/pusher/auth", data=form).get_json())
    sent = Notification(id="an.id", event="an.event", channels=[channel], payload={})
    PusherNotifier(settings_from(servers.pusher_url)).notify(sent)
    assert browser.wait_for("an.event", channel).data == {"event_id": "an.id"}


def test_the_secret_goes_nowhere(servers: Servers, client: FlaskClient) -> None:
    settings = settings_from(servers.pusher_url)
    answer = client.post("/pusher/auth", data={"socket_id": "1.1", "channel_name": f"private-user@{VIEWER.id}"})
    assert answer.get_json()["auth"].startswith(f"{settings.key}:")
    assert settings.secret not in answer.text


@pytest.mark.parametrize(
    ("socket_id", "channel"),
    [("1.1:private-user@x", "private-user@y"), ("1.1::user::{}", "private-user@y"), ("1.1", "private-user@y:{}")],
)
def test_what_could_be_signed_as_another_socket_or_channel_is_not_signed(
    servers: Servers, socket_id: str, channel: str
) -> None:
    with pytest.raises(ValueError, match=r"(?i)socket|channel"):
        PusherChannelAuthorizer(settings_from(servers.pusher_url)).authorize(socket_id, channel, None)
