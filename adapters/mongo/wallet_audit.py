"""Add up all accounts: no money is created or lost, and nothing stays held past its exp (L6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pymongo.collection import Collection

from ...core.money import Audit
from .client import Document
from .encoding import id_text
from .wallet_documents import has_paid
from .wallet_payments import IS_PAYMENT

_PLACED: Document = {"$sum": "$holds.amount"}
_WRONG_ACCOUNT: Document = {
    "$or": [
        {"$lt": ["$available", 0]},
        {"$lt": ["$held", 0]},
        {"$ne": ["$held", _PLACED]},
        {"$gt": [{"$size": "$receipts"}, 0]},
    ]
}


def audit(accounts: Collection[Document], records: Collection[Document], before: datetime) -> Audit:
    total = _totals(accounts)
    total["available"] += _unfolded(accounts, records)
    broken_off = [*_broken_off(accounts, records)]
    total["held"] -= sum(row["decided"]["amount"] for row in broken_off if has_paid(row["decided"], row["_id"]))
    problems = [*_account_problems(accounts), *_still_held(accounts, before)]
    problems += [
        f"{row['decided']['_id']} is {row['decided']['state']}, and still in its account" for row in broken_off
    ]
    available, held, deposited = total["available"], total["held"], total["deposited"]
    if available + held != deposited:
        problems.append(f"{available} available and {held} held are not the {deposited} deposited")
    problems += _payment_problems(accounts, records)
    return Audit(available=available, held=held, deposited=deposited, problems=problems)


def _totals(accounts: Collection[Document]) -> Document:
    names = ("available", "held", "deposited")
    sums = {name: {"$sum": f"${name}"} for name in names}
    return next(accounts.aggregate([{"$group": {"_id": None, **sums}}]), dict.fromkeys(names, 0))


def _unfolded(accounts: Collection[Document], records: Collection[Document]) -> int:
    """What was released and is not yet in an account."""
    account = {"from": accounts.name, "localField": "unfolded", "foreignField": "_id", "as": "account"}
    in_it = {"$in": ["$order", {"$ifNull": [{"$first": "$account.folded"}, []]}]}
    found = records.aggregate(
        [
            {"$match": {"unfolded": {"$exists": True}}},
            {"$lookup": account},
            {"$match": {"$expr": {"$not": in_it}}},
            {"$group": {"_id": None, "amount": {"$sum": "$amount"}}},
        ]
    )
    return int(next(found, {"amount": 0})["amount"])


def _account_problems(accounts: Collection[Document]) -> Iterable[str]:
    fields = {"available": True, "held": True, "receipts": True, "placed": _PLACED}
    for account in accounts.aggregate([{"$match": {"$expr": _WRONG_ACCOUNT}}, {"$project": fields}]):
        user_id, available, held = id_text(account["_id"]), account["available"], account["held"]
        if held != account["placed"]:
            yield f"{user_id} has {held} held, and holds of {account['placed']}"
        if available < 0 or held < 0:
            yield f"{user_id} has less than nothing: {available} available, {held} held"
        for transaction_id in account["receipts"]:
            yield f"{transaction_id} is paid, and its receipt is still there"


def _payment_problems(accounts: Collection[Document], records: Collection[Document]) -> Iterable[str]:
    """Whether accounts and records tell the same of what was brought in and taken out by id."""
    paid = next(accounts.aggregate([{"$group": {"_id": None, "paid": {"$sum": "$paid"}}}]), {"paid": 0})["paid"]
    receipts = [key for account in accounts.find({"receipts.0": {"$exists": True}}) for key in account["receipts"]]
    moved = {**IS_PAYMENT, "$or": [{"state": "done"}, {"_id": {"$in": receipts}}]}
    total = records.aggregate([{"$match": moved}, {"$group": {"_id": None, "change": {"$sum": "$change"}}}])
    change = next(total, {"change": 0})["change"]
    if change != paid:
        yield f"deposits less withdrawals are {change}, and the accounts got {paid} from them"


def _still_held(accounts: Collection[Document], before: datetime) -> Iterable[str]:
    due = {"holds.exp": {"$lte": before}}
    held = accounts.aggregate([{"$match": due}, {"$unwind": "$holds"}, {"$match": due}])
    return (f"{account['holds']['transaction_id']} is still held" for account in held)


def _broken_off(accounts: Collection[Document], records: Collection[Document]) -> Iterable[Document]:
    """Settlements that broke off: what is decided, and still in its account."""
    decided = {"from": records.name, "localField": "holds.transaction_id", "foreignField": "_id", "as": "decided"}
    return accounts.aggregate(
        [
            {"$match": {"holds.0": {"$exists": True}}},
            {"$unwind": "$holds"},
            {"$lookup": decided},
            {"$unwind": "$decided"},
        ]
    )
