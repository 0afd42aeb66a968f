"""What the tests of :class:`show_goal.ports.wallet.Wallet` have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import frozen

from ...core.money import Hold, HoldState
from ...ports.wallet import Wallet
from .examples import STREAMER, STREAMER_2, VIEWER, VIEWER_2, a_hold
from .paging import all_pages
from .promise import Conformance

Credit = Callable[[str, int], object]
WAYS = [HoldState.RELEASED, HoldState.REFUNDED]


@frozen(kw_only=True)
class WalletUnderTest:
    wallet: Wallet
    """Without accounts."""
    credit: Credit
    """Gives a user an amount to spend. The user may have no account yet."""


class WalletTests(Conformance[WalletUnderTest]):
    """``under_test`` returns :class:`WalletUnderTest`: the adapter, and a function that gives money."""

    def take(self, under_test: WalletUnderTest) -> None:
        self.wallet, self.credit = under_test.wallet, under_test.credit

    def available(self, user_id: str = VIEWER) -> int:
        return self.wallet.statement(user_id, None).available

    def placed(self, number: int = 1, **changes: Any) -> Hold:
        """A hold of VIEWER, who has 100."""
        self.credit(VIEWER, 100)
        return self.wallet.hold(a_hold(number, **changes))

    def settle(self, way: HoldState, hold: Hold | None = None) -> Hold:
        settle = self.wallet.release if way is HoldState.RELEASED else self.wallet.refund
        return settle((hold or a_hold()).transaction_id)

    def money(self) -> int:
        """All there is: what users can spend, and what the escrow of ``a_hold()`` holds."""
        held = [h.amount for h in self.listed(9) if h.state is HoldState.HELD]
        return sum(held) + sum(self.available(user_id) for user_id in (VIEWER, VIEWER_2, STREAMER, STREAMER_2))

    def escrow(self) -> list[Hold]:
        """Six holds of ``a_hold()``'s escrow. The order of their payers is not that in which they are placed."""
        payers = [f"71e1{number:020x}" for number in (4, 1, 5, 0, 3, 2)]
        holds = [a_hold(from_user_id=payer, duration=30 + number) for number, payer in enumerate(payers)]
        for hold in holds:
            self.credit(hold.from_user_id, 10)
            self.wallet.hold(hold)
        return holds

    def listed(self, limit: int) -> list[Hold]:
        return all_pages(partial(self.wallet.holds_of, a_hold().escrow_id, limit))
