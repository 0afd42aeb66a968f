"""The stand-in for Pusher responds as the hosted service does, and the subscriber says what it heard."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests
from pusher.http import Request
from pusher.pusher_client import PusherClient
from pytest_mock import MockerFixture

from tests.servers import PusherServer, PusherSubscriber

DEADLINE = 30


@pytest.fixture(scope="module")
def server() -> Iterator[PusherServer]:
    with PusherServer() as server:
        yield server


@pytest.fixture
def client(server: PusherServer) -> PusherClient:
    return PusherClient(server.app_id, server.key, server.secret, host=server.host, port=server.port, ssl=False)


@pytest.mark.parametrize(("age", "added", "status"), [(0, b"", 200), (601, b"", 401), (0, b" ", 401)])
def test_late_request_and_another_body_are_refused(
    server: PusherServer, client: PusherClient, mocker: MockerFixture, age: int, added: bytes, status: int
) -> None:
    """Wrong keys, secrets, apps and sizes are refused where the notifier is tested."""
    mocker.patch("pusher.http.time.time", return_value=time.time() - age)
    event = {"name": "event", "channels": ["channel"], "data": "{}"}
    request = Request(client, "POST", f"/apps/{server.app_id}/events", event)
    body = request.body + added
    response = requests.post(request.url, body, headers=request.headers, timeout=DEADLINE)
    assert response.status_code == status


def test_subscriber_hears_each_event_and_its_error_lists_them(server: PusherServer, client: PusherClient) -> None:
    with PusherSubscriber(server.url) as subscriber:
        subscriber.subscribe("public")
        for n in (1, 2):
            client.trigger("public", "event", {"n": n})
        assert [subscriber.wait_for("event", "public").data for _ in range(2)] == [{"n": 1}, {"n": 2}]
        with pytest.raises(TimeoutError, match="name='event'"):
            subscriber.wait_for("another", "public", deadline=0.1)


def test_server_has_the_same_address_after_kill() -> None:
    with PusherServer() as server:
        url = server.url
        with PusherSubscriber(url) as subscriber:
            server.kill()
            with pytest.raises(TimeoutError, match="lost the connection"):
                subscriber.wait_for("event", "public", deadline=DEADLINE)
            server.start()
            assert server.url == url
            subscriber.connect()
            subscriber.subscribe("private-one")


def test_quiet_subscriber_pings(server: PusherServer, mocker: MockerFixture) -> None:
    mocker.patch("tests.servers.subscriber.KEEP_ALIVE", 0.2)
    with PusherSubscriber(server.url) as subscriber:
        subscriber.wait_for("pusher:pong", None)
        subscriber.wait_for("pusher:pong", None)
