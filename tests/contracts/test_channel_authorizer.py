"""One contract, two authorizers: in memory, and the official client, whose pass a server of the protocol looks at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from show_goal.adapters.memory import MemoryChannelAuthorizer
from show_goal.adapters.pusher import PusherChannelAuthorizer
from show_goal.ports.channel_authorizer import ChannelPass
from show_goal.testing.conformance import ChannelAuthorizerConformance, ChannelAuthorizerUnderTest
from tests.adapters.pusher.settings import settings_from
from tests.servers import PusherSubscriber, Servers


class TestMemoryChannelAuthorizer(ChannelAuthorizerConformance):
    @pytest.fixture
    def under_test(self) -> ChannelAuthorizerUnderTest:
        authorizer = MemoryChannelAuthorizer()
        return ChannelAuthorizerUnderTest(
            channel_authorizer=authorizer, sockets=("1.1", "2.2"), listens=authorizer.accepts
        )


class TestPusherChannelAuthorizer(ChannelAuthorizerConformance):
    @pytest.fixture
    def under_test(self, servers: Servers) -> Iterator[ChannelAuthorizerUnderTest]:
        url = servers.pusher_url
        with PusherSubscriber(url) as one, PusherSubscriber(url) as other:
            connected = {one.socket_id: one, other.socket_id: other}

            def listens(socket_id: str, channel: str, made: ChannelPass) -> bool:
                try:
                    connected[socket_id].subscribe_with(channel, made.auth, made.channel_data)
                except PermissionError:
                    return False
                return True

            yield ChannelAuthorizerUnderTest(
                channel_authorizer=PusherChannelAuthorizer(settings_from(url)),
                sockets=(one.socket_id, other.socket_id),
                listens=listens,
            )
