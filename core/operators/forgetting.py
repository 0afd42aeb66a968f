"""Forget a person: what need not name them names an alias; their money stays in the books (H5)."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from ...ports.books import Books
from ...ports.ids import Ids
from ...ports.journal import Journal
from ..errors import MoneyHeld
from ..trace import Tracer


@frozen(kw_only=True)
class ForgetUser:
    books: Books
    journal: Journal
    ids: Ids
    tracer: Tracer

    def __call__(self, user_id: str) -> Mapping[str, int]:
        """Forget the user. Returns how much of each kind has changed; ``left`` are goals that are not settled yet.

        The trace says neither the user's id nor the alias. Safe to repeat, and a repeat completes a run that broke off.
        Raises Unavailable, and MoneyHeld as long as the user's money is in an escrow.
        """
        with self.tracer.unit("forget_user"):
            if held := self.books.balance(user_id).held:
                raise MoneyHeld(f"{held} of this user's money is still held")
            return self.journal.forget(user_id, f"forgotten-{self.ids.new()}")
