"""Wallets that break a promise about parts of holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.money import Hold, HoldState
from show_goal.core.validation import InvalidValue
from show_goal.testing.conformance import WalletConformance, WalletUnderTest

from .breaking import WrongAdapters, gap

WRONG = WrongAdapters(
    WalletConformance, MemoryWallet, lambda wallet: WalletUnderTest(wallet=wallet, credit=wallet.credit)
)


def stored(right: Any) -> dict[str, Hold]:
    holds: dict[str, Hold] = right.__self__._holds
    return holds


def moves_too(other: Callable[[Hold], tuple[str, int]]) -> Callable[..., Hold]:
    """After a part was released for the first time, a user gets another amount, too."""

    def release(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
        held = stored(right)[transaction_id].state is HoldState.HELD
        settled: Hold = right(transaction_id, amount)
        if held and settled.part is not None:
            user_id, change = other(settled)
            right.__self__._move(user_id, available=change)
        return settled

    return release


def the_whole(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    settled: Hold = right(transaction_id)
    if amount is not None and amount < settled.amount:
        stored(right)[transaction_id] = evolve(settled, part=amount)
    return stored(right)[transaction_id]


def forgets_the_part(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    settled: Hold = right(transaction_id, amount)
    stored(right)[transaction_id] = evolve(settled, part=None)
    return settled


def stores_the_part_as_the_amount(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    settled: Hold = right(transaction_id, amount)
    if settled.part is not None:
        stored(right)[transaction_id] = evolve(settled, amount=settled.part)
    return settled


def the_whole_is_a_part(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    settled: Hold = right(transaction_id, amount)
    if amount == settled.amount:
        stored(right)[transaction_id] = evolve(settled, part=amount)
    return stored(right)[transaction_id]


def nothing_is_a_refund(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    settled: Hold = right.__self__.refund(transaction_id) if amount == 0 else right(transaction_id, amount)
    return settled


def rounded(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    settled: Hold = right(transaction_id, None if amount is None else min(int(float(amount)), amount))
    return settled


def again_with_another_amount(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    """It knows a repeat by its amount."""
    hold = stored(right)[transaction_id]
    if hold.part is not None and amount is not None and hold.part < amount <= hold.amount:
        right.__self__._move(hold.to_user_id, available=amount - hold.part)
        right.__self__._move(hold.from_user_id, available=hold.part - amount)
        stored(right)[transaction_id] = evolve(hold, part=amount)
    settled: Hold = right(transaction_id, amount)
    return settled


def a_part_of_what_was_paid(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    """It gives back the rest of a hold that was released as a whole."""
    hold = stored(right)[transaction_id]
    if hold.released == hold.amount and amount is not None:
        right.__self__._move(hold.to_user_id, available=amount - hold.amount)
        right.__self__._move(hold.from_user_id, available=hold.amount - amount)
    settled: Hold = right(transaction_id, amount)
    return settled


def at_most_all(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    """Pay all if more is asked for."""
    hold = stored(right)[transaction_id]
    settled: Hold = right(transaction_id, hold.amount if amount is not None and amount > hold.amount else amount)
    return settled


def out_of_thin_air(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    """Pay more than is held."""
    hold = stored(right)[transaction_id]
    if hold.state is HoldState.HELD and type(amount) is int and amount > hold.amount:
        right.__self__._move(hold.to_user_id, available=amount - hold.amount)
        amount = None
    settled: Hold = right(transaction_id, amount)
    return settled


def whatever_is_a_number(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    settled: Hold = right(transaction_id, int(amount) if isinstance(amount, float | bool) else amount)
    return settled


def settled_by_the_refusal(right: Any, transaction_id: str, amount: int | None = None) -> Hold:
    try:
        settled: Hold = right(transaction_id, amount)
    except InvalidValue:
        right.__self__.refund(transaction_id)
        raise
    return settled


WRONG.add("release.part", "the payee was not paid the part", release=moves_too(lambda h: (h.to_user_id, h.released)))
WRONG.add("release.part", "did not get the rest", release=moves_too(lambda h: (h.from_user_id, -h.refunded)))
WRONG.add("release.part", "did not get the rest", release=moves_too(lambda h: (h.from_user_id, h.refunded)))
WRONG.add("release.part", "the payee was not paid the part", release=moves_too(lambda h: (h.to_user_id, h.refunded)))
WRONG.add("release.part", "the payee was not paid the part", release=the_whole)
WRONG.add("release.part", "another hold is stored", release=forgets_the_part)
WRONG.add("release.part", "the whole is no part", release=the_whole_is_a_part)
WRONG.add("release.part", "returns the stored hold", release=nothing_is_a_refund)
WRONG.add("release.part", "as floating point does", release=rounded)
WRONG.add("release.part_once", "a settled hold was settled again", release=again_with_another_amount)
WRONG.add("release.part_once", "a repeat moved money", release=a_part_of_what_was_paid)
WRONG.add("release.part_once", "TransactionConflict(", release=stores_the_part_as_the_amount)
WRONG.add("release.part_limit", "DID NOT RAISE", release=at_most_all)
WRONG.add("release.part_limit", "DID NOT RAISE", release=out_of_thin_air)
WRONG.add("release.part_limit", "DID NOT RAISE", release=whatever_is_a_number)
WRONG.add("release.part_limit", "not held any more", release=settled_by_the_refusal)


@WRONG.breaks("release.part_once", "every caller gets the settlement that won")
class MovesAgainInARace(MemoryWallet):
    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        before = self._holds[transaction_id]
        with gap(self):
            if before.state is HoldState.HELD:
                self._holds[transaction_id] = before
            return super().release(transaction_id, amount)
