"""Faults of servers, as context managers. When the block ends, the server responds again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bson import encode
from pymongo import MongoClient

from ..adapters.mongo.proxy import Proxy
from ..servers import RabbitServer, Server, wait_until


@contextmanager
def killed(server: Server) -> Iterator[None]:
    """kill -9. Afterwards the server starts again with the same address and data."""
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def hung(server: Server) -> Iterator[None]:
    """SIGSTOP: a black hole. It accepts data and never responds, and connections stay open."""
    server.pause()
    try:
        yield
    finally:
        server.resume()


@contextmanager
def in_memory_alarm(server: RabbitServer) -> Iterator[None]:
    """RabbitMQ stops reading from connections that publish."""
    try:
        server.memory_alarm(on=True)
        yield
    finally:
        server.memory_alarm(on=False)


@contextmanager
def failing(client: MongoClient[dict[str, Any]], *commands: str, **what: Any) -> Iterator[None]:
    """MongoDB's failpoint ``failCommand`` for these commands of the library. Waits until at least one has failed."""
    data = {"appName": "show-goal", "failCommands": commands, **what}
    before = client.admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=data)
    try:
        yield
        wait_until_failed(client, before["count"] + 1)
    finally:
        client.admin.command("configureFailPoint", "failCommand", mode="off")


def wait_until_failed(client: MongoClient[dict[str, Any]], times: int) -> None:
    """Wait until ``times`` commands have failed since the server started."""
    client.admin.command("waitForFailPoint", "failCommand", timesEntered=times, maxTimeMS=30_000)


@contextmanager
def losing_replies(proxy: Proxy, *commands: Mapping[str, object]) -> Iterator[None]:
    """The server carries these commands out, but the connection is cut in place of each reply.

    Waits until each command has lost a reply.
    """
    proxy.cut_replies_to(*(encode(command)[4:-1] for command in commands))
    try:
        yield
        wait_until(lambda: proxy.marks_met == len(commands), 30, "a lost reply to each command")
    finally:
        proxy.forward()
