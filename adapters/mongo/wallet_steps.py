"""Release and refund in single steps, each of which may be repeated: for a server without transactions (L6).

Version 0.1 settled every hold like this. If the server has transactions, they are one transaction, which finishes what
a version or a server without them began.

1. *Decide*: insert a record into ``transactions``, under the transaction id, with the final state. The first insert
   decides for good. Every other caller reads the record and carries out what it says.
2. *Pay* (release only): add the amount and a receipt to the receiver's account, unless the receipt is there.
3. *Take out*: remove the hold from the payer's account. A refund makes the amount available again.
4. *Forget* (release only): remove the receipt.

Until step 3 the hold is in the account, so ``overdue`` finds it, and any call of ``release`` or ``refund`` continues
where the last one broke off. An account's ``settled`` counts its steps 3 and 4. It protects against a caller that
paused between two commands while others went on:

- *Nobody is paid twice.* The caller reads ``settled`` of the receiver, then looks for the hold in the payer's account.
  It pays only if ``settled`` has not changed and there is no receipt. Suppose somebody paid before and has removed the
  receipt since. Then either ``settled`` has changed, or the caller read it after step 4. Step 3 came before step 4, so
  the caller did not find the hold.
- *Nobody is charged twice.* ``hold`` reads ``settled`` of the payer, then ``transactions``. It places the hold only if
  ``settled`` has not changed and the id is not in the list. Suppose the id was settled before. Then either its step 3
  came in between, so ``settled`` has changed, or it came earlier. Step 1 came before step 3, so ``hold`` found the
  record.
- *One id, two payers.* The unique index refuses a second hold with the same id, and the record refuses a later one. A
  hold can slip in beside another payer's only if that one is placed and settled between the look and the write. Its
  settlement then finds a record that is not its own, and gives the money back to its payer.
"""

from __future__ import annotations

from attrs import evolve
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ...core.errors import TransactionUnknown
from ...core.model import Hold, HoldState
from .client import Document
from .wallet_documents import account_id, credit, holder_of, one_hold, read_hold, take_out, write_transaction

Session = ClientSession | None


class Steps:
    """The four steps."""

    def __init__(self, accounts: Collection[Document], transactions: Collection[Document]) -> None:
        self._accounts = accounts
        self._transactions = transactions

    def settle(self, transaction_id: str, state: HoldState, session: Session) -> Hold:
        """Take the steps that are missing. Returns the hold as it was decided. Raises TransactionUnknown."""
        live = self._live(transaction_id, session)
        if live is None:
            return self._settled(transaction_id, session)
        decided = self._decide(live, state, session)
        hold = read_hold(live)
        if not decided.same_transfer(hold):
            self._take_out(hold, back=True, session=session)
            return decided
        released = decided.state is HoldState.RELEASED
        if released:
            self._pay(hold, session)
        self._take_out(hold, back=not released, session=session)
        if released:
            self._forget(hold, session)
        return decided

    def _live(self, transaction_id: str, session: Session) -> Document | None:
        account = self._accounts.find_one(holder_of(transaction_id), one_hold(transaction_id), session=session)
        return None if account is None else dict(account["holds"][0])

    def _settled(self, transaction_id: str, session: Session) -> Hold:
        record = self._transactions.find_one({"_id": transaction_id}, session=session)
        if record is None:
            raise TransactionUnknown(f"there is no transaction {transaction_id}")
        hold = read_hold(record)
        if hold.state is HoldState.RELEASED:
            self._forget(hold, session)  # only the last step may be missing
        return hold

    def _decide(self, live: Document, state: HoldState, session: Session) -> Hold:
        record = self._transactions.find_one_and_update(
            {"_id": live["transaction_id"]},
            {"$setOnInsert": write_transaction(live, state)},
            upsert=True,
            return_document=ReturnDocument.BEFORE,
            session=session,
        )
        return evolve(read_hold(live), state=state) if record is None else read_hold(record)

    def _pay(self, hold: Hold, session: Session) -> None:
        receiver = account_id(hold.to_user_id)
        receipt = {"receipts": {"$elemMatch": {"$eq": hold.transaction_id}}}
        while True:  # until somebody has paid; each new round follows another caller's progress
            account = self._accounts.find_one({"_id": receiver}, {"settled": True, **receipt}, session=session)
            if account is None:
                self._accounts.update_one({"_id": receiver}, credit(0), upsert=True, session=session)
                continue
            if account.get("receipts") or self._live(hold.transaction_id, session) is None:
                return
            paid = self._accounts.update_one(
                {"_id": receiver, "settled": account["settled"], "receipts": {"$ne": hold.transaction_id}},
                {"$inc": {"available": hold.amount}, "$push": {"receipts": hold.transaction_id}},
                session=session,
            )
            if paid.matched_count:
                return

    def _take_out(self, hold: Hold, *, back: bool, session: Session) -> None:
        self._accounts.update_one(
            {"_id": account_id(hold.from_user_id), **holder_of(hold.transaction_id)},
            take_out(hold, back=back),
            session=session,
        )

    def _forget(self, hold: Hold, session: Session) -> None:
        self._accounts.update_one(
            {"_id": account_id(hold.to_user_id), "receipts": hold.transaction_id},
            {"$pull": {"receipts": hold.transaction_id}, "$inc": {"settled": 1}},
            session=session,
        )
