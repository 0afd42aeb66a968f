"""Wallet: what ``release`` and ``refund`` promise."""

from __future__ import annotations

from functools import partial

import pytest

from ...core.errors import TransactionUnknown
from ...core.model import Balance, Hold, HoldState
from ...ports.wallet import Wallet
from .examples import STREAMER, STREAMER_2, VIEWER, a_hold
from .promise import Promise
from .races import CALLERS, at_once
from .wallet_suite import Credit, WalletSuite, available, settle

PAYS = Promise(Wallet.release, "pays", "Pay the held amount to ``to_user_id``; return the hold as it stands (L3).")
ONCE = Promise(
    Wallet.release,
    "once",
    "A hold is settled once, whoever races and wherever a call before it broke off: one that is refunded stays"
    " refunded.",
)
UNKNOWN_RELEASE = Promise(
    Wallet.release,
    "unknown",
    "Raises TransactionUnknown, moving nothing, when there is no such transaction.",
)
GIVES_BACK = Promise(
    Wallet.refund,
    "gives_back",
    "Give the held amount back to ``from_user_id``, and of no other hold; otherwise like ``release``.",
)


class Settling(WalletSuite):
    """Money comes out of an escrow, once."""

    @PAYS
    def test_releasing_pays_the_streamer_l3(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        assert settle(wallet, HoldState.RELEASED) == a_hold(state=HoldState.RELEASED), "something else was returned"
        assert wallet.balance(VIEWER) == Balance(available=90), "the viewer's money is not what it should be"
        assert wallet.balance(STREAMER) == Balance(available=10), "the streamer was not paid the amount"
        self.sound(wallet, 100)

    @GIVES_BACK
    def test_refunding_gives_the_viewer_back_l3(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        assert settle(wallet, HoldState.REFUNDED) == a_hold(state=HoldState.REFUNDED), "something else was returned"
        assert wallet.balance(VIEWER) == Balance(available=100), "the viewer did not get the amount back"
        assert wallet.balance(STREAMER) == Balance(), "the streamer was paid"
        self.sound(wallet, 100)

    @pytest.mark.parametrize("way", [HoldState.RELEASED, HoldState.REFUNDED])
    @pytest.mark.parametrize("then", [HoldState.RELEASED, HoldState.REFUNDED])
    @ONCE
    def test_a_hold_is_settled_once_l6(self, wallet: Wallet, credit: Credit, way: HoldState, then: HoldState) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        settle(wallet, way)
        balances = wallet.balance(VIEWER), wallet.balance(STREAMER)
        for _ in range(2):
            assert settle(wallet, then) == a_hold(state=way), "one that is refunded stays refunded"
        assert (wallet.balance(VIEWER), wallet.balance(STREAMER)) == balances, "a repeat moved money"

    @pytest.mark.parametrize("way", [HoldState.RELEASED, HoldState.REFUNDED])
    @UNKNOWN_RELEASE
    def test_a_transaction_that_never_was_is_not_settled(self, wallet: Wallet, credit: Credit, way: HoldState) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold(2))
        with pytest.raises(TransactionUnknown):
            settle(wallet, way)
        assert available(wallet) == 90, "another hold was settled"

    @pytest.mark.parametrize("way", [HoldState.RELEASED, HoldState.REFUNDED])
    @PAYS
    def test_free_is_settled_like_any_other_d11(self, wallet: Wallet, credit: Credit, way: HoldState) -> None:
        credit(VIEWER, 1)
        wallet.hold(a_hold(amount=0))
        assert settle(wallet, way) == a_hold(amount=0, state=way), "0 is an amount like any other"
        self.sound(wallet, 1)

    @PAYS
    def test_money_that_was_paid_can_be_spent(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 10)
        wallet.hold(a_hold(1))
        wallet.release(a_hold(1).transaction_id)
        spent = a_hold(2, from_user_id=STREAMER, to_user_id=STREAMER_2)
        assert wallet.hold(spent) == spent, "the streamer cannot spend what was paid"
        self.sound(wallet, 10)

    @GIVES_BACK
    def test_money_that_came_back_can_be_spent(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 10)
        wallet.hold(a_hold(1))
        wallet.refund(a_hold(1).transaction_id)
        assert wallet.hold(a_hold(2)) == a_hold(2), "the viewer cannot spend what came back"
        self.sound(wallet, 10)

    @GIVES_BACK
    def test_settling_one_hold_leaves_the_others_held(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        for number in (1, 2, 3):
            wallet.hold(a_hold(number))
        wallet.refund(a_hold(2).transaction_id)
        assert available(wallet) == 80, "another hold was settled as well"
        others = [wallet.release(a_hold(number).transaction_id).state for number in (1, 3)]
        assert others == [HoldState.RELEASED] * 2, "another hold was settled as well"

    @ONCE
    def test_of_release_and_refund_at_once_one_wins_l6(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        calls = [partial(way, a_hold().transaction_id) for way in (wallet.release, wallet.refund)]
        answers = at_once(calls * (CALLERS // 2))
        released = answers[0] == a_hold(state=HoldState.RELEASED)
        standing = a_hold(state=HoldState.RELEASED if released else HoldState.REFUNDED)
        assert answers == [standing] * CALLERS, "every caller gets the one that won"
        assert wallet.balance(VIEWER) == Balance(available=90 if released else 100), "both moved the viewer's money"
        assert wallet.balance(STREAMER).available == (10 if released else 0), "the money went both ways, or none"
        self.sound(wallet, 100)

    @pytest.mark.parametrize("way", [HoldState.RELEASED, HoldState.REFUNDED])
    @ONCE
    def test_of_the_same_settlement_at_once_one_moves_money_l6(
        self, wallet: Wallet, credit: Credit, way: HoldState
    ) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        answers = at_once([partial(settle, wallet, way)] * CALLERS)
        assert answers == [a_hold(state=way)] * CALLERS, "every caller gets the hold as it stands"
        assert wallet.balance(VIEWER).available + wallet.balance(STREAMER).available == 100, "money was lost or made"
        self.sound(wallet, 100)

    @ONCE
    def test_holds_placed_while_others_are_settled_are_all_placed_l6(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 20 * CALLERS)
        for number in range(CALLERS):
            wallet.hold(a_hold(number))
        settling = [partial(wallet.release, a_hold(number).transaction_id) for number in range(CALLERS)]
        placing = [partial(wallet.hold, a_hold(number)) for number in range(CALLERS, 2 * CALLERS)]
        answers = at_once([call for pair in zip(settling, placing, strict=True) for call in pair])
        assert all(isinstance(answer, Hold) for answer in answers), "a hold was refused that could be paid"
        assert (available(wallet), available(wallet, STREAMER)) == (0, 10 * CALLERS), "money was lost or made"
