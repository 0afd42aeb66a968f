"""Old and new brokers run on one machine."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import pytest
from celery import Celery
from redis import Redis

from tests.servers import OtherRedisServer, ServerError, other_debian

Brokers = Callable[[str], str]


def test_one_rabbitmq_is_3_and_the_other_is_4(brokers: Brokers) -> None:
    assert {rabbitmq_version(brokers(name)) for name in ("rabbitmq", "other-rabbitmq")} == {"3", "4"}


def test_one_redis_is_7_and_the_other_is_8(brokers: Brokers) -> None:
    assert {redis_version(brokers(name)) for name in ("redis", "other-redis")} == {"7", "8"}


def rabbitmq_version(url: str) -> str:
    with Celery(broker=url, set_as_current=False).connection_for_read() as connection:
        return str(connection.connection.server_properties["version"])[0]


def redis_version(url: str) -> str:
    with Redis.from_url(url) as client:
        return str(client.info("server")["redis_version"])[0]


def test_servers_are_unpacked_again_after_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = tmp_path / "unpacked"
    stamp.write_text("trixie in another folder")
    monkeypatch.setattr(other_debian, "_STAMP", stamp)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"VERSION_CODENAME": "bookworm"})

    assert OtherRedisServer.missing() == "it is not unpacked"


def test_a_system_that_is_no_debian_has_no_other_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"VERSION_CODENAME": "noble"})

    assert OtherRedisServer.missing() == "only Debian 12 and 13 have another Debian whose servers run on them"
    with pytest.raises(ServerError, match="only Debian 12 and 13"):
        other_debian.unpack()
