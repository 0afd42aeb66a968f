"""What :class:`show_goal.ports.pledges.Pledges` promises."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from attrs import frozen

from ...core.errors import InsufficientBalance
from ...core.money import Hold, Pledge, Statement
from ...ports.pledges import MOST_PLEDGES, Pledges
from ...ports.wallet import Wallet
from .examples import EXP, NOW, STREAMER, TICK, UNKNOWN, VIEWER, VIEWER_2, a_hold
from .promise import Conformance, Promise
from .races import CALLERS, at_once
from .wallet_under_test import Credit

PLEDGE = Pledge(amount=10, duration=90, exp=EXP)
OTHER = Pledge(amount=20, duration=180, exp=EXP)
HOLD = a_hold()


@frozen(kw_only=True)
class PledgesUnderTest:
    pledges: Pledges
    """Of ``wallet``. It may be the same object."""
    wallet: Wallet
    """Without accounts."""
    credit: Credit
    """Gives a user an amount to spend. The user may have no account yet."""


class PledgesConformance(Conformance[PledgesUnderTest]):
    """``under_test`` returns :class:`PledgesUnderTest`: the adapter, its wallet, and a function that gives money."""

    def take(self, under_test: PledgesUnderTest) -> None:
        self.pledges, self.wallet, self.credit = under_test.pledges, under_test.wallet, under_test.credit

    def asked(self, pledge: Pledge | None = None, hold: Hold = HOLD, now: datetime = NOW) -> Pledge | None:
        """The pledge that stays. Without ``pledge``, it only asks."""
        return self.pledges.pledge(hold.from_user_id, hold.transaction_id, pledge, now).pledge

    def take_back(self, hold: Hold = HOLD) -> None:
        self.pledges.take_back(hold.from_user_id, hold.transaction_id)

    @Promise(Pledges.pledge, "statement")
    def test_the_answer_is_the_wallets_statement_with_the_pledge(self) -> None:
        self.credit(VIEWER, 100)
        self.credit(VIEWER_2, 100)
        for pledge in (None, PLEDGE, None):
            said = self.pledges.pledge(VIEWER, HOLD.transaction_id, pledge, NOW)
            kept = pledge or self.asked()
            assert said == Statement(available=100, pledge=kept), "the answer is another one"
        assert self.asked(hold=a_hold(2)) is None, "it is another transaction's"
        assert self.pledges.pledge(VIEWER_2, HOLD.transaction_id, None, NOW).pledge is None, "it is another user's"
        self.wallet.hold(HOLD)
        said = self.pledges.pledge(VIEWER, HOLD.transaction_id, None, NOW)
        assert said == Statement(available=90, hold=HOLD), "the hold is missing"

    @Promise(Pledges.pledge, "statement")
    def test_who_only_asks_pledges_nothing(self) -> None:
        self.credit(VIEWER, 100)
        assert self.asked() is None, "nothing was pledged yet"
        assert self.asked(OTHER) == OTHER, "who asked has pledged something"

    @Promise(Pledges.pledge, "first")
    def test_the_first_pledge_stays_d30(self) -> None:
        self.credit(VIEWER, 100)
        for pledge in (PLEDGE, OTHER, None, Pledge(amount=11, duration=90, exp=EXP + TICK)):
            assert self.asked(pledge) == PLEDGE, "another pledge took its place"
        for number in (2, 3):
            assert self.asked(OTHER, a_hold(number)) == OTHER, "each transaction has its own"
        assert self.asked() == PLEDGE, "another transaction's pledge took its place"

    @Promise(Pledges.pledge, "first")
    def test_of_many_pledges_at_once_one_stays_d30(self) -> None:
        self.credit(VIEWER, 1_000)
        pledges = [Pledge(amount=amount, duration=60 * amount, exp=EXP) for amount in range(1, CALLERS + 1)]
        answers = at_once([partial(self.asked, pledge) for pledge in pledges])
        assert answers == [self.asked()] * CALLERS, "callers were promised different things"
        assert answers[0] in pledges, "nothing was pledged"

    @pytest.mark.parametrize("balance", [None, 9])
    @Promise(Pledges.pledge, "payable")
    def test_what_cannot_be_paid_is_not_pledged(self, balance: int | None) -> None:
        if balance is not None:
            self.credit(VIEWER, balance)
        said = self.pledges.pledge(VIEWER, HOLD.transaction_id, PLEDGE, NOW)
        assert said == Statement(available=balance or 0), "it was pledged without the money"
        self.credit(VIEWER, 100)
        assert self.asked(OTHER) == OTHER, "what could not be paid stays pledged"

    @pytest.mark.parametrize("balance", [None, 0])
    @Promise(Pledges.pledge, "payable")
    def test_a_pledge_of_0_needs_no_account_d11(self, balance: int | None) -> None:
        if balance is not None:
            self.credit(VIEWER, balance)
        free = Pledge(amount=0, duration=90, exp=EXP)
        assert self.asked(free) == free, "everybody can pay 0"

    @Promise(Pledges.pledge, "payable")
    def test_what_was_released_to_a_user_can_be_pledged(self) -> None:
        self.credit(VIEWER, 100)
        paid = [self.wallet.hold(a_hold(number, amount=5)) for number in (2, 3)]
        for hold in paid:
            self.wallet.release(hold.transaction_id)
        said = self.pledges.pledge(STREAMER, "another's", PLEDGE, NOW)
        assert said == Statement(available=10, pledge=PLEDGE), "the money that was released does not count"

    @Promise(Pledges.pledge, "payable")
    def test_what_is_held_is_not_pledged_any_more(self) -> None:
        self.credit(VIEWER, 100)
        self.wallet.hold(HOLD)
        assert self.asked(PLEDGE) is None, "it is held already"

    @Promise(Pledges.pledge, "over")
    def test_a_pledge_goes_when_it_is_held(self) -> None:
        self.credit(VIEWER, 100)
        self.asked(PLEDGE)
        self.asked(PLEDGE, a_hold(2))
        self.wallet.hold(HOLD)
        self.wallet.refund(HOLD.transaction_id)
        assert self.asked() is None, "the pledge is there after its hold"
        assert self.asked(hold=a_hold(2)) == PLEDGE, "another hold's pledge went"

    @Promise(Pledges.pledge, "over")
    def test_a_pledge_goes_when_its_hold_is_refused_d34(self) -> None:
        self.credit(VIEWER, 100)
        self.asked(PLEDGE)
        self.asked(PLEDGE, a_hold(2))
        self.wallet.hold(a_hold(3, amount=100))
        with pytest.raises(InsufficientBalance):
            self.wallet.hold(HOLD)
        assert self.asked() is None, "the hold was refused, and the pledge is there"
        assert self.asked(hold=a_hold(2)) == PLEDGE, "another hold's pledge went"

    @Promise(Pledges.pledge, "over")
    def test_a_pledge_is_over_at_its_exp(self) -> None:
        self.credit(VIEWER, 100)
        assert self.asked(PLEDGE, now=EXP - TICK) == PLEDGE, "exp is still ahead"
        assert self.asked(now=EXP) is None, "exp is over"
        assert self.asked(PLEDGE, now=EXP) is None, "a pledge was kept whose exp is over"
        later = Pledge(amount=20, duration=180, exp=EXP + TICK)
        assert self.asked(later, now=EXP) == later, "a pledge that is over is in the way"

    @Promise(Pledges.pledge, "bound")
    def test_a_user_has_only_so_many_pledges(self) -> None:
        self.credit(VIEWER, 100)
        self.credit(VIEWER_2, 100)
        others = a_hold(0, from_user_id=VIEWER_2)
        self.asked(PLEDGE, others)
        for number in range(MOST_PLEDGES + 1):
            self.asked(PLEDGE, a_hold(number))
        assert self.asked(hold=a_hold(0)) is None, "the oldest makes room"
        assert self.asked(hold=others) == PLEDGE, "another user's made room"
        kept = [self.asked(hold=a_hold(number)) for number in range(1, MOST_PLEDGES + 1)]
        assert kept == [PLEDGE] * MOST_PLEDGES, "more than the oldest made room"

    @Promise(Pledges.pledge, "money")
    def test_a_pledge_moves_no_money(self) -> None:
        self.credit(VIEWER, 20)
        self.asked(OTHER)
        self.asked(OTHER, a_hold(2))
        assert self.wallet.statement(VIEWER, HOLD.transaction_id) == Statement(available=20), "money moved"
        spent = a_hold(3, amount=20)
        assert self.wallet.hold(spent) == spent, "what is pledged cannot be spent elsewhere"

    @Promise(Pledges.take_back, "forgotten")
    def test_a_pledge_can_be_taken_back(self) -> None:
        self.credit(VIEWER, 100)
        self.asked(PLEDGE)
        self.asked(PLEDGE, a_hold(2))
        self.asked(OTHER)
        for _ in range(2):
            self.take_back()
            assert self.asked() is None, "it was asked for once and is still there"
        assert self.asked(hold=a_hold(2)) == PLEDGE, "another pledge was taken back"
        self.pledges.take_back(UNKNOWN, HOLD.transaction_id)
        assert self.asked(OTHER) == OTHER, "after it was taken back, another one can be pledged"

    @Promise(Pledges.take_back, "shared")
    def test_a_pledge_that_was_asked_for_again_is_not_taken_back_d30(self) -> None:
        self.credit(VIEWER, 100)
        for _ in range(2):
            self.asked(PLEDGE)
        self.take_back()
        assert self.asked() == PLEDGE, "somebody else may have been told 202"
