"""How version 0.1 paid a release on a server without transactions. What it left half done is finished in the same way.

Its record neither pays by itself nor says whether the receiver was paid. So a payment left a receipt:

1. *Pay*: add the amount and a receipt to the receiver's account, unless the receipt is there.
2. The hold is taken out of the payer's account.
3. *Forget*: remove the receipt, and add 1 to the receiver's ``settled``.

*Nobody is paid twice.* A caller reads ``settled`` of the receiver, then looks for the hold in the payer's account. It
pays only if ``settled`` has not changed and there is no receipt. Suppose somebody paid before and has removed the
receipt since. Then either ``settled`` has changed, or the caller read it after step 3. Step 2 came before step 3, so
the caller did not find the hold.
"""

from __future__ import annotations

from pymongo.collection import Collection

from ...core.money import Hold
from .client import Document
from .wallet_documents import account_id, credit, holder_of


class Receipts:
    def __init__(self, accounts: Collection[Document]) -> None:
        self._accounts = accounts

    def pay(self, hold: Hold) -> None:
        receiver = account_id(hold.to_user_id)
        receipt = {"receipts": {"$elemMatch": {"$eq": hold.transaction_id}}}
        while True:  # until somebody has paid; each new round follows another caller's progress
            account = self._accounts.find_one({"_id": receiver}, {"settled": True, **receipt})
            if account is None:
                self._accounts.update_one({"_id": receiver}, credit(0), upsert=True)
                continue
            if account.get("receipts") or self._accounts.find_one(holder_of(hold.transaction_id), ["_id"]) is None:
                return
            paid = self._accounts.update_one(
                {"_id": receiver, "settled": account["settled"], "receipts": {"$ne": hold.transaction_id}},
                {"$inc": {"available": hold.amount}, "$push": {"receipts": hold.transaction_id}},
            )
            if paid.matched_count:
                return

    def forget(self, hold: Hold) -> None:
        self._accounts.update_one(
            {"_id": account_id(hold.to_user_id), "receipts": hold.transaction_id},
            {"$pull": {"receipts": hold.transaction_id}, "$inc": {"settled": 1}},
        )
