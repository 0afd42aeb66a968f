"""The servers of the test suite, asked by real clients."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from kombu.connection import Connection
from pymongo import MongoClient
from redis import Redis
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.servers import MongoServer, RabbitServer, RedisServer, ServerError, wait_until
from tests.servers.process import Process

Mongo = MongoClient[dict[str, Any]]


def test_mongodb_keeps_address_and_data_through_kill() -> None:
    with MongoServer(in_memory=False) as server:
        uri = server.uri
        with Mongo(uri) as client, client.start_session() as session, session.start_transaction():
            client.db.things.insert_one({"_id": 1}, session=session)
        server.kill()
        server.start()
        assert server.uri == uri
        with Mongo(uri, timeoutMS=30_000) as client:
            assert client.db.things.count_documents({}) == 1


def test_mongodb_has_failpoints_when_asked() -> None:
    with MongoServer(failpoints=True) as server, Mongo(server.uri) as client:
        client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


def test_redis_keeps_address_and_data_through_kill() -> None:
    with RedisServer(appendonly=True) as server:
        url = server.url
        with Redis.from_url(url) as client:
            client.set("key", "value")
        server.kill()
        server.start()
        assert server.url == url
        with Redis.from_url(url) as client:
            assert client.get("key") == b"value"


def test_a_paused_server_accepts_connections_and_does_not_answer() -> None:
    with RedisServer() as server:
        server.pause()
        with Redis.from_url(server.url, socket_timeout=0.2, retry=None) as hasty, pytest.raises(RedisTimeoutError):
            hasty.ping()
        server.resume()
        with Redis.from_url(server.url, socket_timeout=30) as patient:
            assert patient.ping()


def test_a_paused_server_can_be_stopped() -> None:
    with RedisServer() as server:
        server.pause()
        server.stop()
        assert not server.running


def test_rabbitmq_keeps_address_and_messages_through_kill() -> None:
    with RabbitServer() as server:
        url = server.url
        with _broker(url, confirm_publish=True) as connection:
            connection.SimpleQueue("queue").put({"n": 1})
        server.kill()
        server.start()
        assert server.url == url
        with _broker(url) as connection:
            assert connection.SimpleQueue("queue").get(timeout=30).payload == {"n": 1}

        server.memory_alarm(on=True)
        with _broker(url, **_confirming(within=0.3)) as connection, pytest.raises(TimeoutError):
            connection.SimpleQueue("queue").put({"n": 2})
        server.memory_alarm(on=False)
        with _broker(url, **_confirming(within=30)) as connection:
            connection.SimpleQueue("queue").put({"n": 3})


def _confirming(within: float) -> dict[str, Any]:
    return {"confirm_publish": True, "read_timeout": within, "write_timeout": within}


def _broker(url: str, **options: Any) -> Any:
    return Connection(url, transport_options=options)  # type: ignore[no-untyped-call]


def test_a_server_outlives_the_thread_that_started_it() -> None:
    with RedisServer() as server:
        server.kill()
        thread = Thread(target=server.start)
        thread.start()
        thread.join()
        with Redis.from_url(server.url) as client:
            assert client.ping()


def test_a_closed_server_leaves_no_folder_and_no_process() -> None:
    with RedisServer() as server:
        folder, [process] = server.folder, server._processes
    assert not folder.exists()
    assert not process.alive


def test_the_error_shows_the_end_of_the_log(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo no such option; exit 3"], tmp_path / "log")
    try:
        with pytest.raises(ServerError, match=r"(?s)sh ended while starting.*no such option"):
            process.wait_ready(lambda: False, deadline=30)
    finally:
        process.kill()


def test_what_a_server_leaves_in_its_group_ends_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = Process(["sh", "-c", "sleep 600 & echo $!; wait"], log)
    child = int(wait_until(log.read_text, deadline=30))
    process.stop()
    wait_until(lambda: not _runs(child), deadline=30)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # The latter if it ended between opening and reading.
        return False
