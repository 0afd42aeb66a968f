"""A mongod without a replica set: it has no transactions."""

from __future__ import annotations

from tests.servers.mongod import MongoServer


class LoneMongod(MongoServer):
    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/"

    def _launch(self) -> None:
        options = self._options()
        self._spawn_mongod(options[options.index("--dbpath") :])
