"""What :class:`show_goal.ports.channel_authorizer.ChannelAuthorizer` promises."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from attrs import evolve, frozen

from ...ports.channel_authorizer import ChannelAuthorizer, ChannelPass
from .examples import STREAMER, VIEWER, VIEWER_2
from .promise import Conformance, Promise

Listens = Callable[[str, str, ChannelPass], bool]
"""From a socket's id, a channel and a pass to whether the channel service lets that socket listen with it."""

PRIVATE = f"private-user@{VIEWER}"
PRESENCE = f"presence-stream@{STREAMER}"
PREVIEW = f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}"


SIGNS = Promise(ChannelAuthorizer.authorize, "signs", "Sign that this socket may listen on this channel")
ALONE = Promise(ChannelAuthorizer.authorize, "alone", "and no other socket or channel by the same signature.")
MEMBER = Promise(
    ChannelAuthorizer.authorize,
    "member",
    "``member`` is the user whom a presence channel shows, None on a private one.",
)
SAME = Promise(ChannelAuthorizer.authorize, "same", "the same call again is answered the same.")


@frozen(kw_only=True)
class ChannelAuthorizerUnderTest:
    channel_authorizer: ChannelAuthorizer
    sockets: tuple[str, str]
    """The ids of two sockets that are connected to the channel service."""
    listens: Listens
    """Tries to subscribe one of ``sockets``, and says whether it may listen."""


class ChannelAuthorizerConformance(Conformance[ChannelAuthorizerUnderTest]):
    """``under_test`` gives :class:`ChannelAuthorizerUnderTest`: the adapter, and two sockets at the channel service."""

    @pytest.fixture
    def channel_authorizer(self, under_test: ChannelAuthorizerUnderTest) -> ChannelAuthorizer:
        return under_test.channel_authorizer

    @pytest.fixture
    def sockets(self, under_test: ChannelAuthorizerUnderTest) -> tuple[str, str]:
        return under_test.sockets

    @pytest.fixture
    def listens(self, under_test: ChannelAuthorizerUnderTest) -> Listens:
        return under_test.listens

    @pytest.mark.parametrize("channel", [PRIVATE, PRIVATE.replace("private-", "private-enc-")])
    @SIGNS
    def test_a_pass_lets_its_socket_listen_on_a_private_channel(
        self, channel_authorizer: ChannelAuthorizer, sockets: tuple[str, str], listens: Listens, channel: str
    ) -> None:
        made = channel_authorizer.authorize(sockets[0], channel, None)
        assert made.channel_data is None, "a private channel shows nobody"
        assert listens(sockets[0], channel, made), "the service takes the pass"

    @pytest.mark.parametrize("channel", [PRESENCE, PREVIEW])
    @MEMBER
    def test_a_pass_for_a_presence_channel_names_its_member(
        self, channel_authorizer: ChannelAuthorizer, sockets: tuple[str, str], listens: Listens, channel: str
    ) -> None:
        made = channel_authorizer.authorize(sockets[0], channel, VIEWER)
        assert made.channel_data is not None, "a presence channel shows who listens"
        assert json.loads(made.channel_data) == {"user_id": VIEWER}, "the member's id and nothing else"
        assert listens(sockets[0], channel, made), "the service takes the pass"

    @ALONE
    def test_a_pass_is_good_for_no_other_socket(
        self, channel_authorizer: ChannelAuthorizer, sockets: tuple[str, str], listens: Listens
    ) -> None:
        made = channel_authorizer.authorize(sockets[0], PRIVATE, None)
        assert not listens(sockets[1], PRIVATE, made), "whoever reads a pass cannot use it from elsewhere"

    @ALONE
    def test_a_pass_is_good_for_no_other_channel(
        self, channel_authorizer: ChannelAuthorizer, sockets: tuple[str, str], listens: Listens
    ) -> None:
        made = channel_authorizer.authorize(sockets[0], PRIVATE, None)
        assert not listens(sockets[0], f"private-user@{VIEWER_2}", made), "nobody else's channel is opened by it"

    @MEMBER
    def test_a_pass_is_good_for_no_other_member(
        self, channel_authorizer: ChannelAuthorizer, sockets: tuple[str, str], listens: Listens
    ) -> None:
        made = channel_authorizer.authorize(sockets[0], PRESENCE, VIEWER)
        forged = evolve(made, channel_data=str(made.channel_data).replace(VIEWER, VIEWER_2))
        assert not listens(sockets[0], PRESENCE, forged), "nobody is shown as somebody else"

    @SAME
    def test_the_same_call_again_is_answered_the_same(
        self, channel_authorizer: ChannelAuthorizer, sockets: tuple[str, str]
    ) -> None:
        passes = {channel_authorizer.authorize(sockets[0], PRESENCE, VIEWER) for _ in range(2)}
        assert len(passes) == 1, "a retry gets the pass again"
