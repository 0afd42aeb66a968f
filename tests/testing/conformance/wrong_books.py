"""Books that break a promise."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryWallet
from show_goal.core.money import Hold, HoldState, Payment
from show_goal.testing.conformance import BooksConformance, BooksUnderTest

from .breaking import WrongAdapters, after

WRONG = WrongAdapters(
    BooksConformance, MemoryWallet, lambda wallet: BooksUnderTest(books=wallet, wallet=wallet, credit=wallet.credit)
)

WRONG.add(
    "balance.balance",
    "three holds of 10 are held",
    balance=after(lambda balance: evolve(balance, held=min(balance.held, 10))),
)
WRONG.raises("balance", "_balances", "balance.nobody")
WRONG.add(
    "history.history",
    "not the user's newest",
    history=lambda right, user_id, limit: [*right(user_id, 99)][::-1][:limit],
)
WRONG.add("audit.sum", "the totals are wrong", audit=after(lambda audit: evolve(audit, held=0)))
WRONG.races("audit.sum", "left a problem", "_settle", "_holds", lambda hold: hold.state is HoldState.HELD)
WRONG.add("audit.problems", "exp == before is overdue", audit=after(lambda audit: evolve(audit, problems=[])))


def paid_again(right: Any, payment: Payment) -> Payment:
    known = payment.id in right.__self__._payments
    made: Payment = right(payment)
    if known:
        right.__self__._pay(payment.user_id, -payment.amount if payment.withdrawn else payment.amount)
    return made


def paid_to_whoever_asks(right: Any, payment: Payment) -> Payment:
    _, known = right.__self__._payments.get(payment.id, (0, None))
    made: Payment = known or right(payment)
    return made


def pays_out_what_is_held(right: Any, user_id: str, change: int) -> None:
    wallet = right.__self__
    if wallet.balance(user_id).available + wallet.balance(user_id).held + change < 0:
        right(user_id, change)
    wallet._deposited += change
    wallet._move(user_id, available=change)


WRONG.add(
    "deposit.brings",
    "the money is not there",
    deposit=lambda right, key, user, amount: Payment(id=key, user_id=user, amount=amount),
)
WRONG.add("deposit.once", "the top-up counts twice", _once=paid_again)
WRONG.add("deposit.conflict", "DID NOT RAISE", _once=paid_to_whoever_asks)
WRONG.add(
    "withdraw.takes",
    "the money is still there",
    withdraw=lambda right, key, user, amount: Payment(id=key, user_id=user, amount=amount, withdrawn=True),
)
WRONG.add("withdraw.overdraft", "DID NOT RAISE", _pay=pays_out_what_is_held)
WRONG.add(
    "deposit.told",
    "not the user's payments and holds",
    history=after(lambda history: [one for one in history if isinstance(one, Hold)]),
)
WRONG.add(
    "deposit.told", "the totals are wrong", audit=after(lambda audit: evolve(audit, deposited=audit.deposited + 20))
)
