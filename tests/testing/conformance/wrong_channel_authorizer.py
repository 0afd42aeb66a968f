"""Channel authorizers that break a promise."""

from __future__ import annotations

from itertools import count

import pytest
from attrs import evolve

from show_goal.adapters.memory import MemoryChannelAuthorizer
from show_goal.ports.channel_authorizer import ChannelPass
from show_goal.testing.conformance import ChannelAuthorizerConformance, ChannelAuthorizerUnderTest

from .breaking import WrongAdapters

WRONG = WrongAdapters()


@WRONG.breaks("authorize.signs", "the service takes the pass")
class SignsOneKindAlone(MemoryChannelAuthorizer):
    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        return super().authorize(socket_id, channel.replace("private-enc-", "private-"), member)


@WRONG.breaks("authorize.alone", "whoever reads a pass cannot use it from elsewhere")
class ForAnySocket(MemoryChannelAuthorizer):
    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        return super().authorize("any", channel, member)

    def accepts(self, socket_id: str, channel: str, given: ChannelPass) -> bool:
        return super().accepts("any", channel, given)


@WRONG.breaks("authorize.alone", "nobody else's channel is opened by it")
class ForAnyChannel(MemoryChannelAuthorizer):
    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        return super().authorize(socket_id, channel.partition("@")[0], member)

    def accepts(self, socket_id: str, channel: str, given: ChannelPass) -> bool:
        return super().accepts(socket_id, channel.partition("@")[0], given)


@WRONG.breaks("authorize.member", "nobody is shown as somebody else")
class MemberUnsigned(MemoryChannelAuthorizer):
    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        unsigned = super().authorize(socket_id, channel.removeprefix("presence-"), None)
        return evolve(unsigned, channel_data=super().authorize(socket_id, channel, member).channel_data)

    def accepts(self, socket_id: str, channel: str, given: ChannelPass) -> bool:
        return super().accepts(socket_id, channel.removeprefix("presence-"), evolve(given, channel_data=None))


@WRONG.breaks("authorize.same", "a retry gets the pass again")
class AnotherEachTime(MemoryChannelAuthorizer):
    def __init__(self) -> None:
        self._numbers = count()

    def authorize(self, socket_id: str, channel: str, member: str | None) -> ChannelPass:
        made = super().authorize(socket_id, channel, member)
        return evolve(made, auth=f"{made.auth}#{next(self._numbers)}")

    def accepts(self, socket_id: str, channel: str, given: ChannelPass) -> bool:
        return super().accepts(socket_id, channel, evolve(given, auth=given.auth.partition("#")[0]))


class TestWrongChannelAuthorizers(ChannelAuthorizerConformance):
    @pytest.fixture(params=WRONG, ids=str)
    def under_test(self, request: pytest.FixtureRequest) -> ChannelAuthorizerUnderTest:
        authorizer: MemoryChannelAuthorizer = request.param.adapter()
        return ChannelAuthorizerUnderTest(
            channel_authorizer=authorizer, sockets=("1.1", "2.2"), listens=authorizer.accepts
        )
