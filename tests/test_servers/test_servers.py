"""What every server of the tests has in common, shown with Redis, which starts fastest.

The fault tests kill MongoDB and RabbitMQ, and audit all money afterwards: those keep their data too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from redis import Redis
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.servers import RedisServer, ServerError, wait_until
from tests.servers.process import Process


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer(appendonly=True) as server:
        yield server


def test_server_keeps_address_and_data_through_kill(server: RedisServer) -> None:
    url = server.url
    with Redis.from_url(url) as client:
        client.set("key", "value")
    server.kill()
    server.start()
    assert server.url == url
    with Redis.from_url(url) as client:
        assert client.get("key") == b"value"


def test_paused_server_accepts_connections_does_not_respond_and_can_be_stopped(server: RedisServer) -> None:
    server.pause()
    with Redis.from_url(server.url, socket_timeout=0.2, retry=None) as hasty, pytest.raises(RedisTimeoutError):
        hasty.ping()
    server.resume()
    with Redis.from_url(server.url, socket_timeout=30) as patient:
        assert patient.ping()
    server.pause()
    server.stop()
    assert not server.running


def test_server_outlives_the_thread_that_started_it(server: RedisServer) -> None:
    server.kill()
    thread = Thread(target=server.start)
    thread.start()
    thread.join()
    with Redis.from_url(server.url) as client:
        assert client.ping()


def test_closed_server_leaves_no_folder_and_no_process() -> None:
    with RedisServer() as server:
        folder, [process] = server.folder, server._processes
    assert not folder.exists()
    assert not process.alive


def test_error_of_a_start_has_the_end_of_the_log(tmp_path: Path) -> None:
    process = Process(["sh", "-c", "echo no such option; exit 3"], tmp_path / "log")
    try:
        with pytest.raises(ServerError, match=r"(?s)sh ended while starting.*no such option"):
            process.wait_ready(lambda: False, deadline=30)
    finally:
        process.kill()


def test_processes_in_a_servers_group_end_with_it(tmp_path: Path) -> None:
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
