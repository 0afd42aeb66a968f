"""Release and refund: a hold leaves its account, and the money goes to the receiver or back to the payer.

If the server has transactions, the record of the settled hold and the change of the payer's account are one
transaction. A release does not write into the receiver's account: :mod:`.wallet_folding` explains how the receiver gets
the money. Without transactions, and for what is decided and still in an account, these are single steps:
:mod:`.wallet_steps`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from attrs import evolve
from pymongo import ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from ...core.model import Hold, HoldState
from .client import Document, has_transactions
from .wallet_documents import account_id, holder_of, one_hold, read_hold, take_out, write_transaction
from .wallet_folding import Folding
from .wallet_steps import Steps

T = TypeVar("T")


class Settling:
    def __init__(self, database: Database[Document], accounts: Collection[Document], records: Collection[Document]):
        self._accounts = accounts
        self._records = records
        self._transactions = _Transactions(database)
        self._steps = Steps(accounts, records)
        self.folding = Folding(accounts, records)

    def settle(self, transaction_id: str, state: HoldState) -> Hold:
        """Returns the hold as it was decided. Raises TransactionUnknown."""
        return self._settled_at_once(transaction_id, state) or self._transactions.run(
            partial(self._steps.settle, transaction_id, state)
        )

    def _settled_at_once(self, transaction_id: str, state: HoldState) -> Hold | None:
        """None if there is nothing left to do, or the steps must do it."""
        if not self._transactions.supported:
            return None
        account = self._accounts.find_one(holder_of(transaction_id), one_hold(transaction_id))
        if account is None:
            return None
        (live,) = account["holds"]
        hold = evolve(read_hold(live), state=state)
        released = state is HoldState.RELEASED
        if released:
            self.folding.open(hold.to_user_id)
        try:
            self._transactions.run(partial(self._move, live, hold))
        except DuplicateKeyError:  # it is decided already, or the id is another payer's (D15)
            return None
        if released:
            self.folding.fold_in_turn(hold)
        return hold

    def _move(self, live: Document, hold: Hold, session: ClientSession | None) -> None:
        released = hold.state is HoldState.RELEASED
        unfolded = {"unfolded": account_id(hold.to_user_id)} if released else {}
        record = {"_id": hold.transaction_id, **write_transaction(live, hold.state), **unfolded}
        self._records.insert_one(record, session=session)
        self._accounts.update_one(
            {"_id": account_id(hold.from_user_id), **holder_of(hold.transaction_id)},
            take_out(hold, back=not released),
            session=session,
        )


class _Transactions:
    """Several writes as one, if the server can: a replica set and a sharded cluster can. Asks the server once."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._supported: bool | None = None

    @property
    def supported(self) -> bool:
        if self._supported is None:
            self._supported = has_transactions(self._database.command("hello"))
        return self._supported

    def run(self, steps: Callable[[ClientSession | None], T]) -> T:
        """Run ``steps`` in one transaction, again when another one is in the way. Else run them with None.

        Without transactions the steps may break off anywhere. Running them again must lead to the same end.
        """
        if not self.supported:
            return steps(None)
        with self._database.client.start_session() as session:
            return session.with_transaction(
                steps,
                read_concern=ReadConcern("snapshot"),
                write_concern=WriteConcern("majority"),
                read_preference=ReadPreference.PRIMARY,
            )
