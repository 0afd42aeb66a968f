"""What is done to a server, and undone when the block ends: then the server answers again."""

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
    """kill -9; started again with the same address and data."""
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def hung(server: Server) -> Iterator[None]:
    """SIGSTOP: a black hole. What is sent is taken, nothing comes back, and connections stay open."""
    server.pause()
    try:
        yield
    finally:
        server.resume()


@contextmanager
def in_memory_alarm(server: RabbitServer) -> Iterator[None]:
    """RabbitMQ reads nothing more from connections that publish."""
    try:
        server.memory_alarm(on=True)
        yield
    finally:
        server.memory_alarm(on=False)


@contextmanager
def failing(client: MongoClient[dict[str, Any]], *commands: str, **what: Any) -> Iterator[None]:
    """MongoDB's own failpoint ``failCommand``, for these commands of the library's connections; one fails at least."""
    data = {"appName": "show-goal", "failCommands": commands, **what}
    before = client.admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=data)
    try:
        yield
        wait_until_failed(client, before["count"] + 1)
    finally:
        client.admin.command("configureFailPoint", "failCommand", mode="off")


def wait_until_failed(client: MongoClient[dict[str, Any]], times: int) -> None:
    """So many commands in the server's life."""
    client.admin.command("waitForFailPoint", "failCommand", timesEntered=times, maxTimeMS=30_000)


@contextmanager
def losing_replies(proxy: Proxy, *commands: Mapping[str, object]) -> Iterator[None]:
    """These commands reach the server and are carried out; in place of each reply the connection is cut.

    It lasts until there was a reply of each to lose.
    """
    proxy.cut_replies_to(*(encode(command)[4:-1] for command in commands))
    try:
        yield
        wait_until(lambda: proxy.marks_met == len(commands), 30, "a lost reply to each command")
    finally:
        proxy.forward()


@contextmanager
def transactions_end_after(client: MongoClient[dict[str, Any]], seconds: int) -> Iterator[None]:
    """How long MongoDB keeps a transaction that nobody goes on with; by itself 60 s."""
    before = client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=seconds)["was"]
    try:
        yield
    finally:
        client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=before)
