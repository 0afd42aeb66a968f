"""What :class:`show_goal.ports.wallet.Wallet` promises of a part of a hold: it is paid once, and the rest goes back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from ...core.errors import TransactionConflict
from ...core.money import Hold, HoldState
from ...core.validation import InvalidValue
from ...ports.wallet import Wallet, releases_parts
from .examples import STREAMER, STREAMER_2, VIEWER, VIEWER_2, a_hold
from .promise import Promise
from .races import CALLERS, at_once
from .wallet_under_test import WAYS, WalletTests

PART = Promise(Wallet.release, "part", "releases_parts")
ONCE = Promise(Wallet.release, "part_once", "releases_parts")
LIMIT = Promise(Wallet.release, "part_limit", "releases_parts")
NO_AMOUNTS: list[tuple[int, object]] = [(10, -1), (10, 11), (10, 2**63), (1, True), (10, 10.0), (10, "1")]
"""Each with what is held. Some equal the whole in Python, and are no whole number."""


class PartsConformance(WalletTests):
    releases_parts = True
    """False for a wallet that releases whole holds only."""

    @pytest.mark.parametrize("part", [0, 1, 9])
    @PART
    def test_the_payee_gets_a_part_and_the_payer_the_rest(self, part: int) -> None:
        self.placed()
        settled = self.release(part)
        assert settled == a_hold(state=HoldState.RELEASED, part=part), "release() returns the stored hold"
        assert self.wallet.find(settled.transaction_id) == settled, "another hold is stored"
        assert self.listed(9) == [settled], "the escrow lists another hold"
        assert self.available(STREAMER) == part, "the payee was not paid the part"
        assert self.available() == 100 - part, "the payer did not get the rest back"

    @PART
    def test_both_can_spend_what_they_got(self) -> None:
        self.placed(amount=100)
        self.release(30)
        for payer, payee, amount in ((VIEWER, STREAMER, 70), (STREAMER, STREAMER_2, 30)):
            spent = a_hold(2, from_user_id=payer, to_user_id=payee, amount=amount)
            assert self.wallet.hold(spent) == spent, "what was paid, or went back, cannot be spent"

    @pytest.mark.parametrize("amount", [0, 10])
    @PART
    def test_an_amount_that_is_all_of_it_releases_the_whole(self, amount: int) -> None:
        self.placed(amount=amount)
        assert self.release(amount) == a_hold(amount=amount, state=HoldState.RELEASED), "the whole is no part"
        assert (self.available(), self.available(STREAMER)) == (100 - amount, amount), "the payee did not get it all"

    @PART
    def test_each_hold_of_an_escrow_has_a_part_of_its_own_d16(self) -> None:
        holds = [a_hold(from_user_id=payer) for payer in (VIEWER, VIEWER_2)]
        for number, hold in enumerate(holds):
            self.credit(hold.from_user_id, 10)
            self.wallet.hold(hold)
            self.release(3 + number, hold)
        assert self.available(STREAMER) == 7, "the payee was not paid the parts"
        assert (self.available(VIEWER), self.available(VIEWER_2)) == (7, 6), "a payer got another one's rest"

    @PART
    def test_a_part_is_exact_d17(self) -> None:
        self.credit(VIEWER, 2**60)
        self.wallet.hold(a_hold(amount=2**60))
        self.release(2**53 + 1)
        got = self.available(STREAMER), self.available()
        assert got == (2**53 + 1, 2**60 - 2**53 - 1), "the amount was rounded, as floating point does"

    @pytest.mark.parametrize("later", [None, 0, 4, 7, 10, 11])
    @ONCE
    def test_a_hold_that_was_released_in_part_moves_no_more_l6(self, later: int | None) -> None:
        self.placed()
        settled = self.release(4)
        for again in (partial(self.release, later), partial(self.settle, HoldState.REFUNDED)):
            assert again() == settled, "a settled hold was settled again"
        assert (self.available(), self.available(STREAMER)) == (96, 4), "a repeat moved money"

    @ONCE
    def test_a_repeat_of_a_hold_that_was_released_in_part_is_not_charged_d15(self) -> None:
        self.placed()
        settled = self.release(4)
        assert self.wallet.hold(a_hold()) == settled, "a repeat returns the stored hold"
        assert (self.available(), self.available(STREAMER)) == (96, 4), "a settled transfer was charged again"
        with pytest.raises(TransactionConflict):
            self.wallet.hold(a_hold(amount=4))

    @pytest.mark.parametrize("way", WAYS)
    @ONCE
    def test_of_a_settled_hold_no_part_is_released_l6(self, way: HoldState) -> None:
        self.placed()
        settled = self.settle(way)
        before = self.available(), self.available(STREAMER)
        assert self.release(4) == settled, "a settled hold was settled again"
        assert (self.available(), self.available(STREAMER)) == before, "a repeat moved money"

    @ONCE
    def test_of_many_amounts_at_once_one_counts_l6(self) -> None:
        self.placed(amount=CALLERS)
        answers = at_once([partial(self.release, amount) for amount in range(CALLERS)])
        self._one_has_won(answers)

    @ONCE
    def test_of_parts_wholes_and_refunds_at_once_one_counts_l6(self) -> None:
        self.placed(amount=CALLERS)
        ways = [partial(self.settle, way) for way in WAYS]
        parts = [partial(self.release, amount) for amount in (3, 5)]
        self._one_has_won(at_once([*ways, *parts] * (CALLERS // 4)))

    @pytest.mark.parametrize(("held", "amount"), NO_AMOUNTS)
    @LIMIT
    def test_no_part_is_more_than_is_held_or_less_than_nothing_d17(self, held: int, amount: Any) -> None:
        self.placed(amount=held)
        with pytest.raises(InvalidValue):
            self.release(amount)
        assert self.wallet.find(a_hold().transaction_id) == a_hold(amount=held), "the hold is not held any more"
        assert (self.available(), self.available(STREAMER)) == (100 - held, 0), "a refused amount moved money"
        assert self.release(0) == a_hold(amount=held, state=HoldState.RELEASED, part=0), (
            "it cannot be released any more"
        )

    def release(self, amount: int | None, hold: Hold | None = None) -> Hold:
        assert releases_parts(self.wallet), "its releases_parts is not True: declare that in the suite, too"
        return self.wallet.release((hold or a_hold()).transaction_id, amount)

    def _one_has_won(self, answers: Sequence[object]) -> None:
        stored = self.wallet.find(a_hold().transaction_id)
        assert stored is not None, "the hold is not found"
        assert answers == [stored] * len(answers), "every caller gets the settlement that won"
        got = self.available(), self.available(STREAMER)
        assert got == (100 - stored.released, stored.released), "money moved more than once, or was lost or made"
