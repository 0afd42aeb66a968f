"""Several writes as one, where the server can."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pymongo import ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from .client import has_transactions
from .collection import Document

T = TypeVar("T")


class Transactions:
    """Asks the server once whether it has transactions: a replica set and a sharded cluster have them."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._supported: bool | None = None

    def run(self, steps: Callable[[ClientSession | None], T]) -> T:
        """Take the steps in one transaction, repeated when another is in the way; else as they are, with None.

        Without transactions the steps may break off anywhere: taken again, they must end as if they had not.
        """
        if self._supported is None:
            self._supported = self._ask()
        if not self._supported:
            return steps(None)
        with self._database.client.start_session() as session:
            return session.with_transaction(
                steps,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority"),
                read_preference=ReadPreference.PRIMARY,
            )

    def _ask(self) -> bool:
        return has_transactions(self._database.command("hello"))
