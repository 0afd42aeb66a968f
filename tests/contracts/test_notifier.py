"""One contract, two notifiers: in memory, and Pusher's protocol with a client that is really subscribed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest

from show_goal.adapters.memory import MemoryNotifier
from show_goal.adapters.pusher import PusherNotifier
from show_goal.testing.conformance import NotifierConformance, NotifierUnderTest
from show_goal.testing.conformance.notifier import Hear
from tests.adapters.pusher.settings import settings_from
from tests.contracts.far_ends import hearing
from tests.servers import PusherSubscriber, Servers


class TestMemoryNotifier(NotifierConformance):
    @pytest.fixture
    def under_test(self) -> NotifierUnderTest:
        notifier = MemoryNotifier()
        return NotifierUnderTest(notifier=notifier, listen=lambda channels: hearing(notifier))


class TestPusherNotifier(NotifierConformance):
    @pytest.fixture
    def under_test(self, servers: Servers) -> Iterator[NotifierUnderTest]:
        with PusherSubscriber(servers.pusher_url) as subscriber:

            def listen(channels: Sequence[str]) -> Hear:
                for channel in channels:
                    subscriber.subscribe(channel, user_id="a viewer")
                return lambda event, channel: subscriber.wait_for(event, channel).data

            yield NotifierUnderTest(
                notifier=PusherNotifier(settings_from(servers.pusher_url)),
                listen=listen,
                streamer_id=uuid4().hex[:24],  # other tests on the same server have their own
            )
