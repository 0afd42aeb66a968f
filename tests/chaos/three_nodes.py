"""A replica set of three nodes, which survives the loss of one."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient

from ..servers import MongoServer, wait_until

Client = MongoClient[dict[str, Any]]


class Node(MongoServer):
    """A node of a replica set. It does not wait for a primary: one node has none."""

    def _launch(self) -> None:
        self._spawn_mongod(self._options())


class ReplicaSet:
    """With MongoDB's own election timeout of 10 s."""

    def __init__(self) -> None:
        self.nodes = [Node(in_memory=False) for _ in range(3)]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"mongodb://{hosts}/?replicaSet=rs0"

    def primary(self) -> Node:
        with Client(self.url) as client:
            address = wait_until(lambda: client.primary, 30, "a primary")
        return next(node for node in self.nodes if node.port == address[1])

    def __enter__(self) -> Self:
        try:
            for node in self.nodes:
                node.start()
            members = [{"_id": n, "host": f"127.0.0.1:{node.port}"} for n, node in enumerate(self.nodes)]
            with Client("127.0.0.1", self.nodes[0].port, directConnection=True) as client:
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
            self.primary()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for node in self.nodes:
            node.close()
