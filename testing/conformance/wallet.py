"""What :class:`show_goal.ports.wallet.Wallet` promises."""

from __future__ import annotations

import pytest

from ...core.money import HoldState, Statement
from ...ports.wallet import Wallet
from .examples import UNKNOWN_IDS, VIEWER, VIEWER_2, a_hold
from .promise import Promise
from .wallet_holding import HoldingConformance
from .wallet_pages import PagesConformance
from .wallet_parts import PartsConformance
from .wallet_settling import SettlingConformance
from .wallet_under_test import WAYS


class WalletConformance(HoldingConformance, SettlingConformance, PartsConformance, PagesConformance):
    """``under_test`` returns :class:`WalletUnderTest`: the adapter, and a function that gives money."""

    @Promise(Wallet.statement, "available")
    def test_an_unknown_user_has_0(self) -> None:
        self.credit(VIEWER, 100)
        for user_id in UNKNOWN_IDS:
            nothing = self.wallet.statement(user_id, a_hold().transaction_id)
            assert nothing == Statement(available=0), f"user {user_id!r} is unknown and has something"

    @Promise(Wallet.statement, "available")
    def test_a_statement_says_what_this_user_can_spend(self) -> None:
        self.credit(VIEWER, 100)
        self.credit(VIEWER_2, 1)
        assert self.wallet.statement(VIEWER, None) == Statement(available=100), "it is another user's balance"

    @Promise(Wallet.statement, "hold")
    def test_a_statement_has_the_hold_that_it_is_asked_for_d14(self) -> None:
        self.placed(1)
        second = self.wallet.hold(a_hold(2, amount=20))
        asked = self.wallet.statement(VIEWER, second.transaction_id)
        assert asked == Statement(available=70, hold=second), "the hold is missing or changed"
        assert self.wallet.statement(VIEWER, a_hold(3).transaction_id).hold is None, "there is no such hold"
        assert self.wallet.statement(VIEWER_2, second.transaction_id).hold is None, "it is another user's hold"
        assert self.wallet.statement(VIEWER, None).hold is None, "nobody asked for a hold"

    @pytest.mark.parametrize("way", WAYS)
    @Promise(Wallet.statement, "hold")
    def test_a_statement_has_no_settled_hold_d14(self, way: HoldState) -> None:
        self.placed()
        self.settle(way)
        assert self.wallet.statement(VIEWER, a_hold().transaction_id).hold is None, "a settled hold is not held"

    @Promise(Wallet.find, "found")
    def test_a_hold_is_found_in_any_state(self) -> None:
        assert self.wallet.find(a_hold().transaction_id) is None, "there is no such hold yet"
        self.placed()
        assert self.wallet.find(a_hold().transaction_id) == a_hold(), "the hold is missing or changed"
        self.wallet.release(a_hold().transaction_id)
        released = a_hold(state=HoldState.RELEASED)
        assert self.wallet.find(a_hold().transaction_id) == released, "a settled hold is not found"
        assert self.wallet.find("") is None, "there is no such hold"
