"""Release and refund: a hold leaves its account, and the money goes on.

A transaction where the server has them; else the same steps one by one, each safe to repeat (L6):

1. *Decide*: the record is inserted into ``transactions``, under the transaction_id, with its final state, for good. Of
   all callers the first one's insert decides; everybody else reads it and does what it says.
2. *Pay* (a release): the receiver's account gets the amount and a receipt, unless the receipt is there.
3. *Take out*: the hold leaves the payer's account; in a refund the payer has the amount again.
4. *Forget* (a release): the receipt is removed.

As long as step 3 is missing, the hold stands in the account: ``overdue`` finds it, and any call of ``release`` or
``refund`` goes on where the last one broke off. ``settled`` of an account counts its steps 3 and 4, and is what makes a
caller that slept in between harmless:

- *Nobody is paid twice.* Who pays has read ``settled`` of the receiver first and the hold in the payer's account
  second, and pays only if ``settled`` has not moved and there is no receipt. Had somebody paid before, and forgotten
  the receipt since, then either ``settled`` has moved, or it was read after step 4, hence after step 3, and the hold
  was not there any more.
- *Nobody is charged twice.* ``hold`` reads ``settled`` of the payer first and ``transactions`` second, and places the
  hold only if ``settled`` has not moved and the id is not in the list. Had the id been settled before, then either its
  step 3 came in between and ``settled`` has moved, or it came earlier, and its step 1 earlier still: the record was
  found.
- *One id, two payers.* The unique index refuses a second live one, the record a later one. A hold that slips in beside
  another payer's, which is placed and settled between its look and its write, is recognised at its settlement by a
  record that is not its own, and goes back to its payer.
"""

from __future__ import annotations

from attrs import evolve
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ...core.errors import TransactionUnknown
from ...core.model import Hold, HoldState
from .collection import Document
from .wallet_documents import OPENED, account_id, one_hold, read_hold, write_transaction
from .wallet_updates import take_out

Session = ClientSession | None


class Settling:
    def __init__(self, accounts: Collection[Document], transactions: Collection[Document]) -> None:
        self._accounts = accounts
        self._transactions = transactions

    def settle(self, transaction_id: str, state: HoldState, session: Session) -> Hold:
        """Take the steps that are missing; return the hold as it was decided. Raises TransactionUnknown."""
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
        account = self._accounts.find_one(
            {"holds.transaction_id": transaction_id}, one_hold(transaction_id), session=session
        )
        return None if account is None else dict(account["holds"][0])

    def _settled(self, transaction_id: str, session: Session) -> Hold:
        record = self._transactions.find_one({"_id": transaction_id}, session=session)
        if record is None:
            raise TransactionUnknown(f"there is no transaction {transaction_id}")
        hold = read_hold(record)
        if hold.state is HoldState.RELEASED:
            self._forget(hold, session)  # the last step may be what is missing
        return hold

    def _decide(self, live: Document, state: HoldState, session: Session) -> Hold:
        standing = self._transactions.find_one_and_update(
            {"_id": live["transaction_id"]},
            {"$setOnInsert": write_transaction(live, state)},
            upsert=True,
            return_document=ReturnDocument.BEFORE,
            session=session,
        )
        return evolve(read_hold(live), state=state) if standing is None else read_hold(standing)

    def _pay(self, hold: Hold, session: Session) -> None:
        receiver = account_id(hold.to_user_id)
        receipt = {"receipts": {"$elemMatch": {"$eq": hold.transaction_id}}}
        while True:  # until it is paid, by us or by another; each new round follows somebody's progress
            account = self._accounts.find_one({"_id": receiver}, {"settled": True, **receipt}, session=session)
            if account is None:
                self._open(receiver, session)
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

    def _open(self, receiver: ObjectId | str, session: Session) -> None:
        self._accounts.update_one(
            {"_id": receiver},
            {"$setOnInsert": {"available": 0, "deposited": 0, **OPENED}},
            upsert=True,
            session=session,
        )

    def _take_out(self, hold: Hold, *, back: bool, session: Session) -> None:
        self._accounts.update_one(
            {"_id": account_id(hold.from_user_id), "holds.transaction_id": hold.transaction_id},
            take_out(hold, back=back),
            session=session,
        )

    def _forget(self, hold: Hold, session: Session) -> None:
        self._accounts.update_one(
            {"_id": account_id(hold.to_user_id), "receipts": hold.transaction_id},
            {"$pull": {"receipts": hold.transaction_id}, "$inc": {"settled": 1}},
            session=session,
        )
