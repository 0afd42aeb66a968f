"""Deposits and withdrawals: each counts once, by its id.

A payment is a record in ``transactions``, ``{_id: "payment:" + id, user_id, change, state, order, placed_at}``.
``change`` is negative for a withdrawal. As a settlement, it is steps, each of which may be repeated:

1. *Insert* the record as ``pending``. It decides to whom the id belongs.
2. *Move*: add ``change`` to the account's ``available``, ``deposited`` and ``paid``, and a receipt, the record's
   ``_id``. They are one update, unless the receipt is there.
3. The record becomes ``done``.
4. *Forget*: remove the receipt, and add 1 to the account's ``settled``.

*Nothing moves twice.* A caller reads ``settled``, then the record's state. It moves only if ``settled`` has not
changed, the state is ``pending`` and there is no receipt. Suppose somebody moved it before and has removed the receipt
since. Then either ``settled`` has changed, or the caller read it after step 4. Step 3 came before step 4, so the caller
found ``done``.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection

from ...core.errors import InsufficientBalance, TransactionConflict
from ...core.money import Payment
from .client import Document
from .wallet_documents import LAST_PLACED, account_id, credit
from .wallet_folding import Folding

BY_USER = (("user_id", 1), *LAST_PLACED)
IS_PAYMENT: Document = {"change": {"$exists": True}}
_PREFIX = "payment:"


class Payments:
    def __init__(self, accounts: Collection[Document], records: Collection[Document], folding: Folding) -> None:
        self._accounts = accounts
        self._records = records
        self._folding = folding

    def make(self, payment: Payment) -> Payment:
        """Take the steps that are missing. Raises TransactionConflict and InsufficientBalance."""
        key = _PREFIX + payment.id
        record: Any = self._records.find_one_and_update(
            {"_id": key}, _insert(payment), upsert=True, return_document=ReturnDocument.AFTER
        )
        if read_payment(record) != payment:
            raise TransactionConflict(f"payment {payment.id} already exists with other parameters")
        if record["state"] == "pending":
            self._move(payment, key)
            self._records.update_one({"_id": key}, {"$set": {"state": "done"}})
        self._accounts.update_one(
            {"_id": account_id(payment.user_id), "receipts": key}, {"$pull": {"receipts": key}, "$inc": {"settled": 1}}
        )
        return payment

    def _move(self, payment: Payment, key: str) -> None:
        _id, change = account_id(payment.user_id), _change(payment)
        fields = {"settled": True, "available": True, "folded": True, "receipts": {"$elemMatch": {"$eq": key}}}
        while True:  # until it has moved or is refused; each new round follows a change of the account
            account = self._accounts.find_one({"_id": _id}, fields)
            if account is None and payment.withdrawn:
                raise _refused(payment, 0)
            if account is None:
                self._accounts.update_one({"_id": _id}, credit(0), upsert=True)
                continue
            if account.get("receipts") or self._is_done(key):
                return
            if account["available"] + change < 0:
                if not self._folding.fold(account):
                    raise _refused(payment, account["available"])
                continue
            moved = self._accounts.update_one(
                {"_id": _id, "settled": account["settled"], "receipts": {"$ne": key}, "available": {"$gte": -change}},
                {"$inc": {"available": change, "deposited": change, "paid": change}, "$push": {"receipts": key}},
            )
            if moved.matched_count:
                return

    def _is_done(self, key: str) -> bool:
        return self._records.find_one({"_id": key, "state": "done"}, ["_id"]) is not None


def _refused(payment: Payment, available: int) -> InsufficientBalance:
    return InsufficientBalance(f"payment {payment.id} needs {payment.amount}, there is {available}")


def _change(payment: Payment) -> int:
    return -payment.amount if payment.withdrawn else payment.amount


def _insert(payment: Payment) -> list[Document]:
    """An upsert: a record that is there stays as it is."""
    written = {"user_id": payment.user_id, "change": _change(payment), "state": "pending", "order": ObjectId()}
    new = {"$mergeObjects": [{"_id": "$_id", "placed_at": "$$NOW"}, {"$literal": written}]}
    return [{"$replaceWith": {"$cond": [{"$eq": [{"$type": "$state"}, "missing"]}, new, "$$ROOT"]}}]


def is_paid(record: Document, account: Document | None) -> bool:
    """Whether its money has moved: it is done, or its receipt is in the account."""
    return record["state"] == "done" or (account is not None and record["_id"] in account["receipts"])


def read_payment(record: Document) -> Payment:
    change = record["change"]
    return Payment(
        id=record["_id"].removeprefix(_PREFIX), user_id=record["user_id"], amount=abs(change), withdrawn=change < 0
    )
