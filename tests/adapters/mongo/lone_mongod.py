"""A mongod without a replica set: it has no transactions."""

from __future__ import annotations

from tests.servers.mongod import MongoServer, find_mongod
from tests.servers.ports import accepts


class LoneMongod(MongoServer):
    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/"

    def _launch(self) -> None:
        program = find_mongod()
        if program is None:
            raise self._missing("mongod")
        self.data_dir.mkdir(parents=True, exist_ok=True)
        options = self._options()
        process = self._spawn([program, *options[options.index("--dbpath") :]])
        process.wait_ready(lambda: accepts(self.port), deadline=60)
