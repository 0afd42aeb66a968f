"""What :class:`show_goal.ports.wallet.Wallet` promises of a settlement: money goes one way, once."""

from __future__ import annotations

from functools import partial

import pytest

from ...core.errors import TransactionUnknown
from ...core.money import Hold, HoldState
from ...ports.wallet import Wallet
from .examples import STREAMER, STREAMER_2, VIEWER, a_hold
from .promise import Promise
from .races import CALLERS, at_once
from .wallet_under_test import WAYS, WalletTests


class SettlingConformance(WalletTests):
    @pytest.mark.parametrize("amount", [0, 10])
    @Promise(Wallet.release, "pays")
    def test_a_release_pays_the_streamer_who_can_spend_it_l3(self, amount: int) -> None:
        self.placed(amount=amount)
        released = a_hold(amount=amount, state=HoldState.RELEASED)
        assert self.settle(HoldState.RELEASED) == released, "release() returns the stored hold"
        assert self.available() == 100 - amount, "the payer was paid"
        assert self.available(STREAMER) == amount, "the payee was not paid the amount"
        spent = a_hold(2, from_user_id=STREAMER, to_user_id=STREAMER_2, amount=amount)
        assert self.wallet.hold(spent) == spent, "the payee cannot spend what was paid"

    @Promise(Wallet.release, "pays")
    def test_what_many_releases_at_once_paid_is_one_balance_l3(self) -> None:
        self.credit(VIEWER, 10 * CALLERS)
        holds = [self.wallet.hold(a_hold(number)) for number in range(CALLERS)]
        at_once([partial(self.wallet.release, hold.transaction_id) for hold in holds])
        assert self.available(STREAMER) == 10 * CALLERS, "the payee was not paid the amounts"
        spent = a_hold(CALLERS, from_user_id=STREAMER, to_user_id=STREAMER_2, amount=10 * CALLERS)
        assert self.wallet.hold(spent) == spent, "the payee cannot spend it in one hold"
        assert self.available(STREAMER) == 0, "money was lost or made"

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("then", WAYS)
    @Promise(Wallet.release, "once")
    def test_a_hold_is_settled_once_l6(self, way: HoldState, then: HoldState) -> None:
        self.placed()
        self.settle(way)
        balances = self.available(), self.available(STREAMER)
        for _ in range(2):
            assert self.settle(then) == a_hold(state=way), "a settled hold was settled again"
        assert (self.available(), self.available(STREAMER)) == balances, "a repeat moved money"

    @Promise(Wallet.release, "once")
    def test_of_release_and_refund_at_once_one_wins_l6(self) -> None:
        self.placed()
        answers = at_once([partial(self.settle, way) for way in WAYS] * (CALLERS // 2))
        released = answers[0] == a_hold(state=HoldState.RELEASED)
        stored = a_hold(state=HoldState.RELEASED if released else HoldState.REFUNDED)
        assert answers == [stored] * CALLERS, "every caller gets the settlement that won"
        expected = (90, 10) if released else (100, 0)
        assert (self.available(), self.available(STREAMER)) == expected, "the money went both ways, or neither"

    @pytest.mark.parametrize("way", WAYS)
    @Promise(Wallet.release, "once")
    def test_of_many_settlements_at_once_one_moves_money_l6(self, way: HoldState) -> None:
        self.placed()
        answers = at_once([partial(self.settle, way)] * CALLERS)
        assert answers == [a_hold(state=way)] * CALLERS, "every caller gets the stored hold"
        assert self.money() == 100, "money was lost or made"

    @Promise(Wallet.release, "once")
    def test_holds_can_be_placed_while_others_are_settled_l6(self) -> None:
        self.credit(VIEWER, 20 * CALLERS)
        for number in range(CALLERS):
            self.wallet.hold(a_hold(number))
        settling = [partial(self.wallet.release, a_hold(number).transaction_id) for number in range(CALLERS)]
        placing = [partial(self.wallet.hold, a_hold(number)) for number in range(CALLERS, 2 * CALLERS)]
        answers = at_once([call for pair in zip(settling, placing, strict=True) for call in pair])
        assert all(isinstance(answer, Hold) for answer in answers), "a hold was refused that can be paid"
        assert (self.available(), self.available(STREAMER)) == (0, 10 * CALLERS), "money was lost or made"

    @pytest.mark.parametrize("way", WAYS)
    @Promise(Wallet.release, "unknown")
    def test_an_unknown_transaction_cannot_be_settled(self, way: HoldState) -> None:
        self.placed(2)
        with pytest.raises(TransactionUnknown):
            self.settle(way)
        assert self.available() == 90, "another hold was settled"

    @pytest.mark.parametrize("amount", [0, 10])
    @Promise(Wallet.refund, "gives_back")
    def test_a_refund_gives_the_payer_back_who_can_spend_it_l3(self, amount: int) -> None:
        self.placed(amount=amount)
        refunded = a_hold(amount=amount, state=HoldState.REFUNDED)
        assert self.settle(HoldState.REFUNDED) == refunded, "refund() returns the stored hold"
        assert self.available() == 100, "the payer did not get the amount back"
        assert self.available(STREAMER) == 0, "the payee was paid"
        assert self.wallet.hold(a_hold(2, amount=100)) == a_hold(2, amount=100), "the payer cannot spend it"

    @Promise(Wallet.refund, "gives_back")
    def test_settling_one_hold_leaves_the_others_held(self) -> None:
        self.placed(1)
        for number in (2, 3):
            self.wallet.hold(a_hold(number))
        self.wallet.refund(a_hold(2).transaction_id)
        assert self.available() == 80, "another hold was settled too"
        others = [self.wallet.release(a_hold(number).transaction_id).state for number in (1, 3)]
        assert others == [HoldState.RELEASED] * 2, "another hold was settled too"
