"""What :class:`show_goal.ports.channel_authorizer.ChannelAuthorizer` promises."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from attrs import evolve, frozen

from ...ports.channel_authorizer import ChannelAuthorizer, ChannelPass
from .examples import STREAMER, VIEWER, VIEWER_2
from .promise import Conformance, Promise

PRIVATE = f"private-user@{VIEWER}"
ENCRYPTED = f"private-enc-user@{VIEWER}"
PRESENCE = f"presence-stream@{STREAMER}"
PREVIEW = f"presence-stream-viewer@{STREAMER}.preview.{VIEWER}"


@frozen(kw_only=True)
class ChannelAuthorizerUnderTest:
    channel_authorizer: ChannelAuthorizer
    sockets: tuple[str, str]
    """The ids of two sockets that are connected to the channel service."""
    listens: Callable[[str, str, ChannelPass], bool]
    """From a socket's id, a channel and a pass to whether the channel service accepts the subscription."""


class ChannelAuthorizerConformance(Conformance[ChannelAuthorizerUnderTest]):
    """``under_test`` returns :class:`ChannelAuthorizerUnderTest`: the adapter, and two connected sockets."""

    def take(self, under_test: ChannelAuthorizerUnderTest) -> None:
        self.authorize, self.listens = under_test.channel_authorizer.authorize, under_test.listens
        self.socket, self.other_socket = under_test.sockets

    @pytest.mark.parametrize("channel", [PRIVATE, ENCRYPTED])
    @Promise(ChannelAuthorizer.authorize, "signs")
    def test_a_pass_is_accepted_on_a_private_channel(self, channel: str) -> None:
        made = self.authorize(self.socket, channel, None)
        assert made.channel_data is None, "a private channel shows nobody"
        assert self.listens(self.socket, channel, made), "the service refuses the pass"

    @pytest.mark.parametrize("channel", [PRESENCE, PREVIEW])
    @Promise(ChannelAuthorizer.authorize, "member")
    def test_a_pass_for_a_presence_channel_names_its_member(self, channel: str) -> None:
        made = self.authorize(self.socket, channel, VIEWER)
        assert made.channel_data is not None, "a presence channel shows its member"
        assert json.loads(made.channel_data) == {"user_id": VIEWER}, "the pass says something else than the user id"
        assert self.listens(self.socket, channel, made), "the service refuses the pass"

    @Promise(ChannelAuthorizer.authorize, "member")
    def test_a_pass_is_invalid_for_another_member(self) -> None:
        made = self.authorize(self.socket, PRESENCE, VIEWER)
        forged = evolve(made, channel_data=str(made.channel_data).replace(VIEWER, VIEWER_2))
        assert not self.listens(self.socket, PRESENCE, forged), "somebody can be shown as somebody else"

    @Promise(ChannelAuthorizer.authorize, "alone")
    def test_a_pass_is_invalid_for_another_socket_or_channel(self) -> None:
        made = self.authorize(self.socket, PRIVATE, None)
        assert not self.listens(self.other_socket, PRIVATE, made), "another socket can use the pass"
        assert not self.listens(self.socket, f"private-user@{VIEWER_2}", made), "the pass opens another channel"

    @Promise(ChannelAuthorizer.authorize, "same")
    def test_the_same_call_returns_the_same_pass(self) -> None:
        passes = {self.authorize(self.socket, PRESENCE, VIEWER) for _ in range(2)}
        assert len(passes) == 1, "a retry gets another pass"
