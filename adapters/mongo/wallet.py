"""A wallet. An account is one document, so that placing a hold is one atomic update.

An account lists only what is held, so it does not grow over the years. Released and refunded holds are in
``transactions``. :mod:`.wallet_settling` explains why a hold is charged once and settled once, in any race and wherever
a worker breaks off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from attrs import evolve
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ...core.errors import InsufficientBalance, TransactionConflict
from ...core.money import Audit, Balance, Hold, HoldState, Payment, Pledge, Statement
from ...ports.errors import WalletUnavailable
from ...ports.page import Page
from .client import Document, open_collection
from .errors import within
from .settings import MongoSettings
from .wallet_audit import audit
from .wallet_documents import (
    LAST_PLACED,
    account_id,
    counts_as_held,
    credit,
    has_paid,
    holder_of,
    one_hold,
    place,
    placed,
    read_hold,
)
from .wallet_escrow import escrow_page
from .wallet_overdue import overdue_page
from .wallet_payments import IS_PAYMENT, Payments, is_paid, read_payment
from .wallet_pledges import keep, one_pledge, read_pledge
from .wallet_settling import Settling


class MongoWallet:
    """A unique index refuses one transaction id in two accounts: run ``create_indexes`` first (D15)."""

    calls_back = False
    releases_parts = True

    def __init__(self, database: Database[Document], settings: MongoSettings) -> None:
        self._accounts = open_collection(database, settings.accounts)
        self._records = open_collection(database, settings.transactions)
        self._settling = Settling(self._accounts, self._records)
        self._folding = self._settling.folding
        self._payments = Payments(self._accounts, self._records, self._folding)
        self._settings = settings

    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        with self._within():
            return self._statement(self._account(user_id, one_hold(transaction_id)), transaction_id)

    def pledge(self, user_id: str, transaction_id: str, pledge: Pledge | None, now: datetime) -> Statement:
        fields = {**one_hold(transaction_id), **one_pledge(transaction_id)}
        change = None if pledge is None else keep(transaction_id, pledge, now)
        with self._within():
            while True:  # until it is kept or cannot be; each new round follows a change of the account
                account = self._account(user_id, fields, change)
                statement = self._statement(account, transaction_id, now)
                if pledge is None or statement.pledge or statement.hold or statement.available < pledge.amount:
                    return statement
                if account is None:
                    self.credit(user_id, 0)  # a pledge of 0 needs no account (D11)
                elif not self._folding.fold(account):
                    return statement

    def take_back(self, user_id: str, transaction_id: str) -> None:
        with self._within():
            self._drop_pledge(user_id, {"transaction_id": transaction_id, "asked": 1})

    def hold(self, hold: Hold) -> Hold:
        with self._within():
            while True:  # until it is placed or refused; each new round follows a change of the payer's account
                account, known = self._look(hold)
                if known is not None:
                    return _same(known, hold)
                if account is None:
                    if hold.amount:
                        return self._refuse(hold, 0)
                    self.credit(hold.from_user_id, 0)  # a hold of 0 succeeds even without an account (D11)
                elif account["available"] >= hold.amount:
                    if self._place(hold, account["settled"]):
                        return evolve(hold, new=True)
                elif not self._folding.fold(account):
                    return self._refuse(hold, account["available"])

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        return self._settle(transaction_id, HoldState.RELEASED, amount)

    def refund(self, transaction_id: str) -> Hold:
        return self._settle(transaction_id, HoldState.REFUNDED)

    def find(self, transaction_id: str) -> Hold | None:
        with self._within():
            account = self._accounts.find_one(holder_of(transaction_id), one_hold(transaction_id))
            return self._current(account, transaction_id)

    def holds_of(self, escrow_id: str, limit: int, after: str | None = None) -> Page[Hold]:
        with self._within():
            return escrow_page(self._accounts, self._records, escrow_id, limit, after)

    def overdue(self, before: datetime, limit: int, after: str | None = None) -> Page[Hold]:
        with self._within():
            return overdue_page(self._accounts, before, limit, after)

    def balance(self, user_id: str) -> Balance:
        with self._within():
            account = self._account(user_id, {"held": True, "holds": True})
            if account is None:
                return Balance()
            ids = [hold["transaction_id"] for hold in account["holds"]]
            decided = [*self._records.find({"_id": {"$in": ids}})] if ids else []
            released = sum(record["amount"] for record in decided if has_paid(record, account["_id"]))
            return Balance(available=account["available"], held=account["held"] - released)

    def deposit(self, payment_id: str, user_id: str, amount: int) -> Payment:
        return self._pay(Payment(id=payment_id, user_id=user_id, amount=amount))

    def withdraw(self, payment_id: str, user_id: str, amount: int) -> Payment:
        return self._pay(Payment(id=payment_id, user_id=user_id, amount=amount, withdrawn=True))

    def history(self, user_id: str, limit: int) -> Sequence[Hold | Payment]:
        if limit < 1:  # MongoDB reads a limit of 0 as no limit
            return []
        with self._within():
            account = self._accounts.find_one({"_id": account_id(user_id)}, ["holds", "receipts"])
            settled, payments = (
                self._records.find(query).sort(LAST_PLACED).limit(limit)
                for query in ({"from_user_id": user_id}, {"user_id": user_id, **IS_PAYMENT})
            )
            paid = [record for record in payments if is_paid(record, account)]
            found = [*_each_once(account["holds"] if account else [], settled), *paid]
        newest = sorted(found, key=placed, reverse=True)[:limit]
        return [read_payment(one) if "change" in one else read_hold(one) for one in newest]

    def audit(self, before: datetime) -> Audit:
        """Also names settlements that broke off: a decided hold that is still in its account, a receipt left over."""
        with self._within():
            return audit(self._accounts, self._records, before)

    def credit(self, user_id: str, amount: int) -> None:
        """Give a user money to spend, for tests and development. Repeating it adds the money again."""
        with self._within():
            self._accounts.update_one({"_id": account_id(user_id)}, credit(amount), upsert=True)

    def _settle(self, transaction_id: str, state: HoldState, amount: int | None = None) -> Hold:
        with self._within():
            return self._settling.settle(transaction_id, state, amount)

    def _pay(self, payment: Payment) -> Payment:
        with self._within():
            return self._payments.make(payment)

    def _account(self, user_id: str, fields: Document, change: list[Document] | None = None) -> Document | None:
        """The account with ``fields``, after the ``change``, and all that the user can spend as ``available``."""
        this = {"_id": account_id(user_id)}
        fields = {"available": True, "settled": True, "folded": True, **fields}
        while True:  # until it does not change while it is read
            if change is None:
                account = self._accounts.find_one(this, fields)
            else:
                after = ReturnDocument.AFTER
                account = self._accounts.find_one_and_update(this, change, fields, return_document=after)
            if account is None:
                return None
            unfolded = self._folding.unfolded(account)
            if unfolded is not None:
                return {**account, "available": account["available"] + unfolded}

    def _statement(
        self, account: Document | None, transaction_id: str | None, now: datetime | None = None
    ) -> Statement:
        """``account`` has all that can be spent as ``available``. Without ``now``, nobody asks for the pledge."""
        if account is None:
            return Statement(available=0)
        found = self._current(account, transaction_id) if account.get("holds") else None
        held = found if found is not None and found.state is HoldState.HELD else None
        pledge = read_pledge(account, now) if now is not None else None
        return Statement(available=account["available"], hold=held, pledge=pledge)

    def _drop_pledge(self, user_id: str, pledge: Document) -> None:
        self._accounts.update_one(
            {"_id": account_id(user_id), "pledges": {"$elemMatch": pledge}}, {"$pull": {"pledges": pledge}}
        )

    def _look(self, hold: Hold) -> tuple[Document | None, Hold | None]:
        """The payer's account, and the hold if its id is known.

        One command reads the account and then the record: a hold that leaves the account has its record already.
        """
        this = {"$eq": ["$$this.transaction_id", {"$literal": hold.transaction_id}]}
        fields = {"available": True, "settled": True, "folded": True}
        its_record = {"coll": self._records.name, "pipeline": [{"$match": {"_id": hold.transaction_id}}]}
        found = self._accounts.aggregate(
            [
                {"$match": {"_id": account_id(hold.from_user_id)}},
                {"$project": {**fields, "holds": {"$filter": {"input": "$holds", "cond": this}}}},
                {"$unionWith": its_record},
            ]
        )
        by_kind = {"state" in document: document for document in found}
        account = by_kind.get(False)
        return account, _known(account, by_kind.get(True))

    def _refuse(self, hold: Hold, available: int) -> Hold:
        """Raises InsufficientBalance, unless the transaction id is known, perhaps in another account."""
        existing = self.find(hold.transaction_id)
        if existing is not None:
            return _same(existing, hold)
        self._drop_pledge(hold.from_user_id, {"transaction_id": hold.transaction_id})
        raise InsufficientBalance(f"{hold.transaction_id} needs {hold.amount}, has {available}")

    def _current(self, account: Document | None, transaction_id: str | None) -> Hold | None:
        """Read ``account`` first: a hold that leaves it in between has its record already."""
        return _known(account, self._records.find_one({"_id": transaction_id}))

    def _place(self, hold: Hold, settled: int) -> bool:
        try:
            result = self._accounts.update_one(
                {
                    "_id": account_id(hold.from_user_id),
                    "available": {"$gte": hold.amount},
                    "settled": settled,
                    "holds.transaction_id": {"$ne": hold.transaction_id},
                },
                place(hold),
            )
        except DuplicateKeyError:  # another account has this id
            raise _conflict(hold) from None
        return result.matched_count == 1

    def _within(self) -> AbstractContextManager[None]:
        return within(self._settings, WalletUnavailable)


def _known(account: Document | None, record: Document | None) -> Hold | None:
    live = account["holds"][0] if account and account.get("holds") else None
    found = live if counts_as_held(live, record) else record
    return read_hold(found) if found else None


def _each_once(live: Iterable[Document], records: Iterable[Document]) -> list[Document]:
    """Read ``live`` first. A hold that is decided and still there, or settled in between, is in both lists."""
    by_id = {document["transaction_id"]: document for document in live}
    settled = {one["_id"]: one for one in records if not counts_as_held(by_id.get(one["_id"]), one)}
    return [*(by_id | settled).values()]


def _same(existing: Hold, hold: Hold) -> Hold:
    if not existing.same_transfer(hold):
        raise _conflict(hold)
    return existing


def _conflict(hold: Hold) -> TransactionConflict:
    return TransactionConflict(f"{hold.transaction_id} already exists with other parameters")
