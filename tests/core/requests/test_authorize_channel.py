"""A browser wants to listen (H1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from show_goal.adapters.memory import MemoryChannelAuthorizer
from show_goal.core.errors import ChannelForbidden, NotLoggedIn
from show_goal.core.model import Viewer
from show_goal.core.names import blocked_by
from show_goal.ports.channel_authorizer import ChannelPass
from tests.builders import STREAMER, VIEWER, a_viewer
from tests.world import World

SOCKET = "123.456"
PRIVATE = f"private-user@{VIEWER}"
PRESENCE = f"presence-stream@{STREAMER}"


def authorize(world: World, channel: str = PRIVATE, **viewer: Any) -> ChannelPass:
    made: ChannelPass = world.container.authorize_channel()(a_viewer(**viewer), SOCKET, channel)
    return made


@pytest.mark.parametrize("channel", [PRIVATE, PRESENCE])
def test_who_is_entitled_gets_a_pass_for_this_socket_and_channel_H1(world: World, channel: str) -> None:
    assert MemoryChannelAuthorizer().accepts(SOCKET, channel, authorize(world, channel))


def test_a_presence_channel_shows_the_viewers_id_and_nothing_else_H3(world: World) -> None:
    made = authorize(world, PRESENCE, tags=["vip"])
    assert json.loads(made.channel_data or "") == {"user_id": VIEWER}
    assert authorize(world, PRIVATE).channel_data is None


def test_nobody_who_is_not_logged_in_listens_D8(world: World) -> None:
    with pytest.raises(NotLoggedIn):
        world.container.authorize_channel()(None, SOCKET, PRESENCE)


@pytest.mark.parametrize(
    ("viewer", "reason"),
    [(a_viewer(id="x"), "channel_forbidden"), (a_viewer(tags=[blocked_by(STREAMER)]), "blocked")],
)
def test_a_refusal_leaves_its_true_reason_in_the_trace_D28(world: World, viewer: Viewer, reason: str) -> None:
    channel = PRESENCE if reason == "blocked" else PRIVATE
    with pytest.raises(ChannelForbidden):
        world.container.authorize_channel()(viewer, SOCKET, channel)
    (trace,) = world.traces
    assert (trace.name, trace.outcome, trace.reason) == ("authorize_channel", "refused", reason)
    assert trace.ids == {"viewer_id": viewer.id, "channel": channel}
