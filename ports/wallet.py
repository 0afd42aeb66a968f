"""The wallet: users' available balances, and the money that is held in escrows."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Protocol

from ..core.money import Hold, Statement
from ..core.validation import InvalidValue
from .page import Page, every

_PAGE = 100


class Wallet(Protocol):
    """What the flow asks of a wallet. What only operators ask is in :class:`show_goal.ports.books.Books`.

    Amounts are whole numbers of the smallest unit of money (D17). A user id may be any text; a user without an account
    has 0. Every method may raise WalletUnavailable. Every method may be repeated, and called by many at once.
    """

    @property
    def calls_back(self) -> bool:
        """True if the wallet itself reports its transactions to ``POST /notify/wallet/transaction`` (L1).

        If False, the flow sends the same signals as soon as a hold is placed.
        """
        ...

    @property
    def releases_parts(self) -> bool:
        """True if ``release`` takes an ``amount``. Without it, the flow releases whole holds only.

        A wallet that lacks the attribute counts as False.
        """
        ...

    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        """Return what the user can spend, and the user's hold with this transaction id, if it is held (D14).

        Pass None as ``transaction_id`` to ask for the balance only. Read it from the primary: a replica that lags could
        refuse a viewer who has just paid.

        Promises:
            - available: The user's available balance. An unknown user has 0.
            - hold: The hold with that id, while it is held; None if it is settled, another user's or unknown.
        """
        ...

    def hold(self, hold: Hold) -> Hold:
        """Place a hold: move ``hold.amount`` from the payer's available balance into escrow. Return the stored hold.

        The payer is ``hold.from_user_id``. Checking the balance, moving the money and storing the hold are one atomic
        step. Raises InsufficientBalance or TransactionConflict; both move nothing.

        Promises:
            - moves: The amount leaves the payer's available balance, and nobody else's.
            - whole: The hold is stored with every field as it was given.
            - overdraft: No balance goes below 0, even if many holds race. InsufficientBalance is raised instead (D18).
            - free: A hold of 0 always succeeds, even without an account.
            - once: A transaction id is charged once. A repeat of the same transfer returns the stored hold and moves
              nothing, whether it is held or settled (D15).
            - new: ``new`` is True only if this very call placed the hold. A wallet that cannot tell leaves it False.
            - conflict: TransactionConflict is raised if the transaction id is already stored with another amount,
              payer, payee or escrow. Nothing moves.
        """
        ...

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        """Pay a held amount to ``hold.to_user_id``. Return the stored hold (L3).

        With an ``amount``, pay only so much of it, and give the rest back to the payer. Then the stored hold says it as
        its ``part``; ``hold.amount`` stays what was held. An amount that is all of it releases the whole. Moving the
        money and marking the hold is one atomic step. If a call is interrupted, a repeat with any amount up to what was
        held completes it, as it was stored first. Raises TransactionUnknown and InvalidValue.

        Promises:
            - pays: The payee's available balance grows by the amount.
            - once: A hold is settled once, by a release or a refund, even if many race. Every later call returns the
              hold as it was settled and moves nothing.
            - unknown: TransactionUnknown is raised if the transaction id is unknown. Nothing moves.
            - part: The payee gets the ``amount``, and the payer the rest.
            - part_once: Of several amounts one counts, even if many race. Every later call, with whatever amount or
              none, returns the hold as it was settled and moves nothing.
            - part_limit: InvalidValue is raised if the amount is below 0, more than what is held, or no whole number.
              Nothing moves, and the hold stays held.
        """
        ...

    def refund(self, transaction_id: str) -> Hold:
        """Return a held amount to the payer, ``hold.from_user_id``. Otherwise like ``release``.

        Promises:
            - gives_back: The payer's available balance grows by the amount. Other holds stay held.
        """
        ...

    def find(self, transaction_id: str) -> Hold | None:
        """Return the hold with this transaction id.

        Promises:
            - found: The hold in any state; None if the id is unknown.
        """
        ...

    def holds_of(self, escrow_id: str, limit: int, after: str | None = None) -> Page[Hold]:
        """Return the holds in the escrow (D16): first those that are held, then those that are settled.

        The cost must depend on ``limit``, not on how many holds the escrow has. A settlement that broke off may be
        listed as held: ``release`` and ``refund`` finish it.

        Promises:
            - holds: The holds in any state. An unknown escrow has none.
            - held_first: No hold that is held comes after one that is settled.
            - limit: At most ``limit`` holds. The last page has no ``next``.
            - pages: Each hold is on a page, even if holds are settled between two pages. One that is settled after it
              was listed may be listed again.
        """
        ...

    def overdue(self, before: datetime, limit: int, after: str | None = None) -> Page[Hold]:
        """Return holds that are still held although they have expired (L6). The sweeper settles them.

        The cost must depend on ``limit``, not on how many holds are stored.

        Promises:
            - due: Holds whose state is held and whose exp is ``before`` or earlier. A hold without exp is never due.
            - limit: At most ``limit`` holds. The first one of all has the oldest exp.
            - pages: Each hold is on one page, also if several have the same exp or the same payer, and whatever happens
              to the holds of earlier pages.
        """
        ...


def releases_parts(wallet: Wallet) -> bool:
    """Whether the wallet can release a part of a hold. The flow asks nothing else, and passes no amount if not."""
    return bool(getattr(wallet, "releases_parts", False))


def part_of(hold: Hold, amount: int | None) -> int | None:
    """For adapters: the ``part`` of a hold of which ``amount`` is to be released. None is the whole.

    Raises InvalidValue, as ``Wallet.release`` promises.
    """
    if amount is None:
        return None
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 <= amount <= hold.amount:
        raise InvalidValue("release", "amount", amount, f"a whole number from 0 to {hold.amount}")
    return None if amount == hold.amount else amount


def whole_escrow(wallet: Wallet, escrow_id: str) -> list[Hold]:
    """Every hold of a small escrow, each once. It costs as much as the escrow has holds."""
    found = every(partial(wallet.holds_of, escrow_id, _PAGE))
    return [*{hold.transaction_id: hold for hold in found}.values()]
