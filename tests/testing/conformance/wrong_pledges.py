"""Wallets that break a promise about pledges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.money import Hold, Pledge, Statement
from show_goal.testing.conformance import PledgesConformance, PledgesUnderTest

from .breaking import WrongAdapters, after, gap

WRONG = WrongAdapters(
    PledgesConformance,
    MemoryWallet,
    lambda wallet: PledgesUnderTest(pledges=wallet, wallet=wallet, credit=wallet.credit),
)


def kept(right: Any) -> dict[tuple[str, str], tuple[Pledge, int]]:
    pledges: dict[tuple[str, str], tuple[Pledge, int]] = right.__self__._pledges
    return pledges


def of_anybody(right: Any, user: str, transaction: str, pledge: Pledge | None, now: datetime) -> Statement:
    said: Statement = right(user, transaction, pledge, now)
    found = [pledge for (_, its_id), (pledge, _) in kept(right).items() if its_id == transaction]
    return evolve(said, pledge=found[0] if found else None)


def the_last_stays(right: Any, user: str, transaction: str, pledge: Pledge | None, now: datetime) -> Statement:
    if pledge is not None:
        kept(right).pop((user, transaction), None)
    said: Statement = right(user, transaction, pledge, now)
    return said


def without_the_money(right: Any, user: str, transaction: str, pledge: Pledge | None, now: datetime) -> Statement:
    said: Statement = right(user, transaction, pledge, now)
    if pledge is None or said.pledge is not None or said.hold is not None or pledge.exp <= now:
        return said
    kept(right)[user, transaction] = pledge, 1
    return evolve(said, pledge=pledge)


def for_ever(right: Any, user: str, transaction: str, pledge: Pledge | None, now: datetime) -> Statement:
    before = dict(kept(right))
    said: Statement = right(user, transaction, pledge, now)
    kept(right).update({key: one for key, one in before.items() if key not in kept(right)})
    known = kept(right).get((user, transaction))
    return evolve(said, pledge=known[0] if known else None)


def reserves(right: Any, user: str, transaction: str, pledge: Pledge | None, now: datetime) -> Statement:
    known = (user, transaction) in kept(right)
    said: Statement = right(user, transaction, pledge, now)
    if said.pledge is not None and not known:
        right.__self__._move(user, available=-said.pledge.amount)
    return said


def keeps_what_it_holds(right: Any, hold: Hold) -> Hold:
    before = dict(kept(right))
    try:
        placed: Hold = right(hold)
    finally:
        kept(right).update(before)
    return placed


def forgets_whatever_was_asked_for(right: Any, user: str, transaction: str) -> None:
    kept(right).pop((user, transaction), None)


WRONG.add("pledge.statement", "the hold is missing", pledge=after(lambda said: evolve(said, hold=None)))
WRONG.add("pledge.statement", "another user's", pledge=of_anybody)
WRONG.add("pledge.first", "another pledge took its place", pledge=the_last_stays)
WRONG.add("pledge.payable", "without the money", pledge=without_the_money)
WRONG.add(
    "pledge.payable",
    "it is held already",
    pledge=lambda right, user, transaction, pledge, now: evolve(right(user, transaction, pledge, now), pledge=pledge),
)
WRONG.add("pledge.over", "exp is over", pledge=for_ever)
WRONG.add("pledge.over", "after its hold", hold=keeps_what_it_holds)
WRONG.add("pledge.over", "the hold was refused", hold=keeps_what_it_holds)
WRONG.add("pledge.bound", "the oldest makes room", _make_room=lambda right, user: None)
WRONG.add("pledge.money", "money moved", pledge=reserves)
WRONG.add("take_back.forgotten", "still there", take_back=lambda right, user, transaction: None)
WRONG.add("take_back.shared", "told 202", take_back=forgets_whatever_was_asked_for)


@WRONG.breaks("pledge.first", "promised different things")
class PledgesInARace(MemoryWallet):
    def pledge(self, user_id: str, transaction_id: str, pledge: Pledge | None, now: datetime) -> Statement:
        known = (user_id, transaction_id) in self._pledges
        with gap(self):
            if not known:
                self._pledges.pop((user_id, transaction_id), None)
            return super().pledge(user_id, transaction_id, pledge, now)
