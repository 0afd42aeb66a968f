"""A browser wants to listen (H1)."""

from __future__ import annotations

import json

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


def authorize(world: World, channel: str, viewer: Viewer | None) -> ChannelPass:
    made: ChannelPass = world.container.authorize_channel()(viewer, SOCKET, channel)
    return made


@pytest.mark.parametrize(("channel", "shown"), [(PRIVATE, None), (PRESENCE, {"user_id": VIEWER})])
def test_pass_is_for_one_socket_and_channel_and_presence_shows_only_the_viewers_id_H1_H3(
    world: World, channel: str, shown: object
) -> None:
    made = authorize(world, channel, a_viewer(tags=["vip"]))

    assert MemoryChannelAuthorizer().accepts(SOCKET, channel, made)
    assert json.loads(made.channel_data or "null") == shown


def test_viewer_who_is_not_logged_in_gets_no_pass_D8(world: World) -> None:
    with pytest.raises(NotLoggedIn):
        authorize(world, PRESENCE, None)


@pytest.mark.parametrize(
    ("channel", "viewer", "reason"),
    [
        (PRIVATE, a_viewer(id="x"), "channel_forbidden"),
        (PRESENCE, a_viewer(tags=[blocked_by(STREAMER)]), "blocked"),
    ],
)
def test_refusal_leaves_its_true_reason_in_the_trace_D28(
    world: World, channel: str, viewer: Viewer, reason: str
) -> None:
    with pytest.raises(ChannelForbidden):
        authorize(world, channel, viewer)

    (trace,) = world.traces
    assert (trace.name, trace.outcome, trace.reason) == ("authorize_channel", "refused", reason)
    assert trace.ids == {"viewer_id": viewer.id, "channel": channel}
