"""The stand-in for Pusher answers as the hosted service does."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve, frozen
from pusher import Pusher

from tests.servers import PusherServer, PusherSubscriber

DEADLINE = 30


@pytest.fixture(scope="module")
def server() -> Iterator[PusherServer]:
    with PusherServer() as server:
        yield server


@pytest.fixture
def client(server: PusherServer) -> Pusher:
    return Pusher(server.app_id, server.key, server.secret, host=server.host, port=server.port, ssl=False)


@frozen
class Trigger:
    """A request to trigger one event, as the client library would send it, or with something wrong in it."""

    server: PusherServer
    app_id: str = PusherServer.app_id
    key: str = PusherServer.key
    secret: str = PusherServer.secret
    age: int = 0
    data: str = "{}"
    signed_body: str | None = None

    def status(self) -> int:
        body = json.dumps({"name": "event", "channels": ["channel"], "data": self.data})
        md5 = hashlib.md5((self.signed_body or body).encode()).hexdigest()
        path = f"/apps/{self.app_id}/events"
        timestamp = int(time.time()) - self.age
        query = f"auth_key={self.key}&auth_timestamp={timestamp}&auth_version=1.0&body_md5={md5}"
        signed = f"POST\n{path}\n{query}"
        signature = hmac.new(self.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=DEADLINE)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"{path}?{query}&auth_signature={signature}", body, headers)
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"key": "another"}, 401),
        ({"secret": "another"}, 401),
        ({"age": 601}, 401),
        ({"signed_body": "another"}, 401),
        ({"data": "x" * 10 * 1024}, 200),
        ({"data": "x" * 11 * 1024}, 413),
        ({"app_id": "404"}, 404),
    ],
    ids=["whole", "key", "secret", "late", "body", "10 KiB", "11 KiB", "app"],
)
def test_status(server: PusherServer, change: dict[str, Any], status: int) -> None:
    assert evolve(Trigger(server), **change).status() == status


def test_a_path_that_is_not_there_is_404(server: PusherServer) -> None:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=DEADLINE)
    connection.request("GET", "/nothing")
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("channel", ["public", "private-one", "presence-one"])
def test_a_subscriber_hears_what_is_triggered(server: PusherServer, client: Pusher, channel: str) -> None:
    with PusherSubscriber(server.url) as subscriber:
        subscriber.subscribe(channel, user_id="7")
        client.trigger(channel, "event", {"n": 1})
        client.trigger(channel, "event", {"n": 2})
        assert subscriber.wait_for("event", channel).data == {"n": 1}
        assert subscriber.wait_for("event", channel).data == {"n": 2}


def test_presence_tells_who_comes_and_goes(server: PusherServer, client: Pusher) -> None:
    channel = "presence-room"
    with PusherSubscriber(server.url) as first:
        first.subscribe(channel, user_id="1")
        with PusherSubscriber(server.url) as second:
            answer = second.subscribe(channel, user_id="2", user_info={"name": "two"})
            assert sorted(answer.data["presence"]["ids"]) == ["1", "2"]
            assert first.wait_for("pusher_internal:member_added", channel).data["user_id"] == "2"
            assert len(client.users_info(channel)["users"]) == 2
        assert first.wait_for("pusher_internal:member_removed", channel).data["user_id"] == "2"


def test_a_subscription_signed_with_another_secret_is_refused(server: PusherServer) -> None:
    with (
        PusherSubscriber(server.url.replace(server.secret, "another")) as subscriber,
        pytest.raises(PermissionError, match="private-one"),
    ):
        subscriber.subscribe("private-one")


def test_what_came_instead_stands_in_the_error(server: PusherServer, client: Pusher) -> None:
    with PusherSubscriber(server.url) as subscriber:
        subscriber.subscribe("public")
        client.trigger("public", "another", {})
        subscriber.wait_for("another", "public")
        with pytest.raises(TimeoutError, match="name='another'"):
            subscriber.wait_for("event", "public", deadline=0.1)


def test_it_comes_back_at_the_same_address_after_kill() -> None:
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
