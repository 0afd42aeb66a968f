"""A cluster of three RabbitMQ nodes, which survives the loss of one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from .process import wait_until
from .rabbitmq import RabbitServer


class _Names(RabbitServer):
    """An epmd alone. All nodes share it and its folder, where the Erlang cookie lies, so it outlives each of them."""

    def _launch(self) -> None:
        self._launch_epmd()


class Node(RabbitServer):
    def __init__(self, names: _Names) -> None:
        super().__init__()
        self._epmd_port = names._epmd_port
        self._home = names.folder

    @property
    def name(self) -> str:
        return self._node

    def joins(self, first: Node) -> None:
        """Set which node it joins when it starts for the first time."""
        backend = "cluster_formation.peer_discovery_backend = classic_config"
        nodes = [f"cluster_formation.classic_config.nodes.{n} = {node.name}" for n, node in enumerate((first, self), 1)]
        (self.folder / "rabbitmq.conf").write_text("\n".join([backend, *nodes, ""]))

    def leader_of(self, queue: str) -> str:
        """The name of the node that leads the quorum queue, or an empty string while there is none."""
        listed = self._control("list_queues", "--quiet", "--formatter", "json", "name", "leader")
        return next((str(row["leader"]) for row in json.loads(listed) if row["name"] == queue), "")

    def _launch(self) -> None:
        self._launch_node()

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "HOME": str(self._home)}


class RabbitCluster:
    def __init__(self) -> None:
        self._names = _Names()
        self.nodes = [Node(self._names) for _ in range(3)]

    @property
    def url(self) -> str:
        """The addresses of all nodes, as Celery takes them."""
        return ";".join(node.url for node in self.nodes)

    def leader(self, queue: str) -> Node:
        """The node that leads the quorum queue."""

        def leading() -> Node | None:
            alive = next(node for node in self.nodes if node.running)
            name = alive.leader_of(queue)
            return next((node for node in self.nodes if node.name == name and node.running), None)

        return wait_until(leading, 30, f"a quorum queue {queue} with a leader")

    def __enter__(self) -> Self:
        first, *others = self.nodes
        try:
            self._names.start()
            first.start()
            for node in others:
                node.joins(first)
            with ThreadPoolExecutor(len(others)) as pool:
                list(pool.map(Node.start, others))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        for server in (*self.nodes, self._names):
            server.close()
