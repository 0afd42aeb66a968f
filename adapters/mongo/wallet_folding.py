"""Money that was released, and is not yet in the account of its receiver.

If each release wrote into the receiver's account, all releases to one streamer would wait for each other. So a release
only writes its record, with the receiver's account as ``unfolded``. The receiver can spend ``available`` of the account
and the amounts of these records. A *fold* moves some of them into the account:

1. Read the account's ``settled``, and ``folded``: what the last fold moved. A record is known by its ``order``.
2. Remove ``unfolded`` from the records in ``folded``.
3. Read records that have ``unfolded``.
4. If ``settled`` has not changed: add their amounts to ``available``, write them into ``folded``, and add 1 to
   ``settled``.

A fold may break off anywhere, and several may run at once. Suppose step 3 read a record that another fold had moved
before. If that was the last fold, step 2 had removed the mark. If it was an earlier one, the fold after it had done so,
before its own step 4. If it came after step 1, ``settled`` has changed, and this fold moves nothing.

An account without ``folded`` never had such money. It is read with one command.
"""

from __future__ import annotations

from contextlib import suppress
from zlib import crc32

from bson import ObjectId
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from ...core.money import Hold
from .client import Document
from .wallet_documents import account_id, receive

UNFOLDED = (("unfolded", 1), ("order", 1), ("amount", 1))
AT_ONCE = 200
"""How many records a fold moves: the account lists them."""
EVERY = 64
"""How many releases to one receiver there are between two folds, on average."""
_REMEMBERED = 10_000


class Folding:
    def __init__(self, accounts: Collection[Document], records: Collection[Document]) -> None:
        self._accounts = accounts
        self._records = records
        self._receivers: set[str] = set()

    def open(self, user_id: str) -> None:
        """Before the first release to a user: give the account the list ``folded``. Open it if it does not exist."""
        if user_id in self._receivers:
            return
        self._accounts.update_one({"_id": account_id(user_id)}, receive(), upsert=True)
        if len(self._receivers) >= _REMEMBERED:
            self._receivers.clear()
        self._receivers.add(user_id)

    def unfolded(self, account: Document) -> int | None:
        """The money that is not yet in the account. None if the account has changed since it was read.

        The account is read again after the records, by the same command.
        """
        if "folded" not in account:
            return 0
        _id = account["_id"]
        again = {"coll": self._accounts.name, "pipeline": [{"$match": {"_id": _id}}, {"$project": {"settled": True}}]}
        found = self._records.aggregate(
            [
                {"$match": {"unfolded": _id, "order": {"$nin": account["folded"]}}},
                {"$group": {"_id": None, "amount": {"$sum": "$amount"}}},
                {"$unionWith": again},
            ]
        )
        amounts = {row["_id"]: row for row in found}
        if amounts[_id]["settled"] != account["settled"]:
            return None
        return int(amounts[None]["amount"]) if None in amounts else 0

    def fold_in_turn(self, hold: Hold) -> None:
        """After a release: fold, if it is the receiver's turn. If it fails, the next one folds more."""
        if crc32(hold.transaction_id.encode()) % EVERY:
            return
        with suppress(PyMongoError):
            account = self._accounts.find_one({"_id": account_id(hold.to_user_id)}, ["settled", "folded"])
            if account is not None:
                self.fold(account)

    def fold(self, account: Document) -> bool:
        """Move money into the account. False if there is none, and the account has not changed since it was read."""
        if "folded" not in account:
            return False
        as_read = {"_id": account["_id"], "settled": account["settled"]}
        if account["folded"]:
            last = {"unfolded": account["_id"], "order": {"$in": account["folded"]}}
            self._records.update_many(last, {"$unset": {"unfolded": ""}})
        found = [*self._records.find({"unfolded": account["_id"]}, ["order", "amount"]).limit(AT_ONCE)]
        if not found:
            return self._accounts.find_one(as_read, ["_id"]) is None
        self._accounts.update_one(as_read, _fold(found))
        return True


def _fold(records: list[Document]) -> Document:
    orders: list[ObjectId] = [record["order"] for record in records]
    return {
        "$inc": {"available": sum(record["amount"] for record in records), "settled": 1},
        "$set": {"folded": orders},
    }
