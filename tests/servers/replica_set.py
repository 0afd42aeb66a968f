"""Makes a lone mongod the primary of a replica set."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

_ALREADY_INITIALIZED = 23


class SingleNode:
    def __init__(self, port: int) -> None:
        self._address = f"127.0.0.1:{port}"
        # mongod listens already; the default of 30 s would only delay the end of a start that is broken off.
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            self._address, directConnection=True, serverSelectionTimeoutMS=10_000
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def version(self) -> str:
        return str(self._client.server_info()["version"])

    def is_primary(self) -> bool:
        try:
            return bool(self._client.admin.command("hello")["isWritablePrimary"])
        except PyMongoError:
            return False

    def initiate(self, journaled: bool) -> None:
        """`journaled`: a majority write is acknowledged when it is on disk."""
        config = {
            "_id": "rs0",
            "members": [{"_id": 0, "host": self._address}],
            "writeConcernMajorityJournalDefault": journaled,
        }
        try:
            self._client.admin.command("replSetInitiate", config)
        except OperationFailure as error:
            if error.code != _ALREADY_INITIALIZED:
                raise
            self._adopt_address()

    def _adopt_address(self) -> None:
        """The data of an earlier server name that one's port."""
        config = self._client["local"]["system.replset"].find_one() or {}
        [member] = config["members"]
        if member["host"] == self._address:
            return
        member["host"] = self._address
        config["version"] += 1
        self._client.admin.command("replSetReconfig", config, force=True)
