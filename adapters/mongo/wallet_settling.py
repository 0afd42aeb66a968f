"""Release and refund: a hold leaves its account, and the money goes to the receiver or back to the payer (L6).

No two documents change at once, so a worker that dies leaves nothing locked. A settlement is a few steps, each of which
may be repeated:

1. *Mark* (release only): the hold gets ``BY_RECORD``.
2. *Decide*: insert a record into ``transactions``, under the transaction id, with the final state. The first insert
   decides for good. Every other caller reads the record and carries out what it says. The record of a release has
   ``unfolded`` and ``BY_RECORD``: it pays the receiver by itself (:mod:`.wallet_folding`).
3. *Take out*: remove the hold from the payer's account. A refund makes the amount available again, and a release in
   part what is left of it.

Until step 3 the hold is in the account, so ``overdue`` and ``holds_of`` list it, and any call of ``release`` or
``refund`` continues where the last one broke off. A release counts from step 2 on: the money is the receiver's, and no
longer held. A refund counts from step 3 on: until then the money is held, and so is the rest of a hold of which a part
was released. So the sum is the same at every moment.

An account's ``settled`` counts what was taken out of it. It protects against a caller that paused between two commands:

- *Nobody is charged twice.* ``hold`` reads ``settled`` of the payer, then ``transactions``. It places the hold only if
  ``settled`` has not changed and the id is not in the list. Suppose the id was settled before. Then either its step 3
  came in between, so ``settled`` has changed, or it came earlier. Step 2 came before step 3, so ``hold`` found the
  record.
- *One id, two payers.* The unique index refuses a second hold with the same id, and the record refuses a later one. A
  hold can slip in beside another payer's only if that one is placed and settled between the look and the write. Its
  settlement then finds a record that is not its own, and gives the money back to its payer.

Workers of older versions decide by the same record. One that finds a released hold still in its account would pay it
again, into the receiver's account. Step 1 keeps it from doing so: it writes the fields of the hold into an update, and
MongoDB refuses the name ``BY_RECORD`` there. So it fails, moves nothing, and tries again later.
"""

from __future__ import annotations

from attrs import evolve
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from ...core.errors import TransactionUnknown
from ...core.money import Hold, HoldState
from ...ports.wallet import part_of
from .client import Document
from .wallet_documents import BY_RECORD, account_id, holder_of, mark, one_hold, read_hold, take_out, write_record
from .wallet_folding import Folding
from .wallet_receipts import Receipts


class Settling:
    def __init__(self, accounts: Collection[Document], records: Collection[Document]):
        self._accounts = accounts
        self._records = records
        self._receipts = Receipts(accounts)
        self.folding = Folding(accounts, records)

    def settle(self, transaction_id: str, state: HoldState, amount: int | None = None) -> Hold:
        """Take the steps that are missing. Returns the hold as it was decided. Raises TransactionUnknown, InvalidValue.

        ``amount`` is how much of it is to be released, None for the whole.
        """
        account = self._accounts.find_one(holder_of(transaction_id), one_hold(transaction_id))
        if account is None:
            return self._settled(transaction_id)
        (live,) = account["holds"]
        hold = read_hold(live)
        record = self._decide(live, evolve(hold, state=state, part=part_of(hold, amount)))
        decided = read_hold(record)
        if decided.state is HoldState.REFUNDED or not decided.same_transfer(hold):
            self._take_out(hold, back=hold.amount)
        elif BY_RECORD in record:
            self._take_out(hold, back=decided.refunded)
            self.folding.fold_in_turn(hold)
        else:
            self._receipts.pay(hold)
            self._take_out(hold, back=0)
            self._receipts.forget(hold)
        return decided

    def _settled(self, transaction_id: str) -> Hold:
        record = self._records.find_one({"_id": transaction_id})
        if record is None:
            raise TransactionUnknown(f"there is no transaction {transaction_id}")
        hold = read_hold(record)
        if hold.state is HoldState.RELEASED and BY_RECORD not in record:
            self._receipts.forget(hold)  # only the last step may be missing
        return hold

    def _decide(self, live: Document, hold: Hold) -> Document:
        """The record: a new one that says what ``hold`` says, or the one that is there."""
        if hold.state is HoldState.RELEASED:
            self.folding.open(hold.to_user_id)
            if BY_RECORD not in live:
                self._accounts.update_one(_holding(hold), mark(hold))
        record = write_record(live, hold)
        try:
            self._records.insert_one(record)
        except DuplicateKeyError:
            found = self._records.find_one({"_id": hold.transaction_id})
            if found is None:
                raise
            return found
        return record

    def _take_out(self, hold: Hold, *, back: int) -> None:
        self._accounts.update_one(_holding(hold), take_out(hold, back=back))


def _holding(hold: Hold) -> Document:
    """A query: the payer's account, while the hold is in it."""
    return {"_id": account_id(hold.from_user_id), **holder_of(hold.transaction_id)}
