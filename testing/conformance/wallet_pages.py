"""What :class:`show_goal.ports.wallet.Wallet` promises of its lists of holds: each is on a page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from ...core.money import Hold, HoldState
from ...ports.wallet import Wallet
from .examples import EXP, TICK, VIEWER, VIEWER_2, a_hold
from .paging import all_pages
from .promise import Promise
from .wallet_under_test import WalletTests


class PagesConformance(WalletTests):
    @Promise(Wallet.holds_of, "holds")
    def test_an_escrow_lists_its_holds_in_any_state_d16(self) -> None:
        holds = self.escrow()
        payer = holds[0].from_user_id
        self.credit(payer, 10)
        self.wallet.hold(a_hold(2, from_user_id=payer))
        assert _by_id(self.listed(9)) == _by_id(holds), "not this escrow's holds"
        for number, way in ((4, HoldState.REFUNDED), (1, HoldState.RELEASED)):
            holds[number] = self.settle(way, holds[number])
        assert _by_id(self.listed(9)) == _by_id(holds), "settling hid or changed a hold"
        assert [*self.wallet.holds_of("unknown", 9).items] == [], "these are another escrow's holds"

    @pytest.mark.parametrize("limit", [1, 2, 9])
    @Promise(Wallet.holds_of, "held_first")
    def test_what_is_held_is_listed_first_d43(self, limit: int) -> None:
        for hold in self.escrow()[:5:2]:
            self.wallet.refund(hold.transaction_id)
        states = [hold.state for hold in self.listed(limit)]
        assert states == [HoldState.HELD] * 3 + [HoldState.REFUNDED] * 3, "a settled hold comes before a held one"

    @pytest.mark.parametrize("limit", [0, 1, 3, 5, 6, 9])
    @Promise(Wallet.holds_of, "limit")
    def test_a_page_of_an_escrow_has_at_most_limit_holds_d43(self, limit: int) -> None:
        holds = self.escrow()
        self.wallet.refund(holds[2].transaction_id)
        page = self.wallet.holds_of(a_hold().escrow_id, limit)
        assert len(page.items) == min(limit, len(holds)), "not so many"
        if limit:
            assert (page.next is None) == (limit >= len(holds)), "the last page has a next one, or another has none"

    @pytest.mark.parametrize("settled", [0, 3, 5])
    @pytest.mark.parametrize("limit", [1, 2, 3, 6])
    @Promise(Wallet.holds_of, "pages")
    def test_each_hold_of_an_escrow_is_on_a_page_d43(self, limit: int, settled: int) -> None:
        """Between two pages one hold is settled that was listed, and one that was not."""
        holds = self.escrow()
        for hold in holds[::-1][:settled]:
            self.wallet.refund(hold.transaction_id)
        unseen = _by_id(holds)

        def settle(page: Sequence[Hold]) -> None:
            for hold in page:
                unseen.pop(hold.transaction_id, None)
            for key in [page[-1].transaction_id, *unseen][:2]:
                self.wallet.release(key)

        found = all_pages(partial(self.wallet.holds_of, a_hold().escrow_id, limit), settle)
        ids = [hold.transaction_id for hold in found]
        assert {*ids} == _by_id(holds).keys(), "a hold is missing"
        assert max(ids.count(one) for one in ids) <= 2, "a hold is there more than twice"

    @Promise(Wallet.overdue, "due")
    def test_a_hold_is_overdue_from_its_exp_on_l6(self) -> None:
        self.credit(VIEWER, 100)
        exps = [EXP - TICK, EXP, EXP + TICK, None]
        for number, exp in enumerate(exps):
            self.wallet.hold(a_hold(number, exp=exp))
        assert [hold.exp for hold in self.wallet.overdue(EXP, 10).items] == exps[:2], (
            "exp == before is due, no exp never is"
        )

    @Promise(Wallet.overdue, "due")
    def test_a_settled_hold_is_not_overdue_l6(self) -> None:
        self.credit(VIEWER, 100)
        for number in (1, 2, 3):
            self.wallet.hold(a_hold(number))
        self.wallet.release(a_hold(1).transaction_id)
        self.wallet.refund(a_hold(2).transaction_id)
        assert [*self.wallet.overdue(EXP, 10).items] == [a_hold(3)], "a settled hold is due, or a held one is not"

    @pytest.mark.parametrize("limit", [0, 1, 4, 9])
    @Promise(Wallet.overdue, "limit")
    def test_at_most_limit_holds_are_overdue_the_oldest_first_l6(self, limit: int) -> None:
        holds = self.several(3, 1, 5, 2, 6, 4)
        found = [hold.exp for hold in self.wallet.overdue(EXP, limit).items]
        assert len(found) == min(limit, len(holds)), "not so many"
        assert found[:1] == [EXP - TICK * 6][:limit], "not the oldest"

    @pytest.mark.parametrize("limit", [1, 2, 4, 9])
    @Promise(Wallet.overdue, "pages")
    def test_each_overdue_hold_is_on_one_page_d43(self, limit: int) -> None:
        holds = self.several(2, 1, 2, 0, 2, 1, 2)
        found = all_pages(lambda after: self.wallet.overdue(EXP, limit, after), self._refund_the_first)
        ids = [hold.transaction_id for hold in found]
        assert len(ids) == len({*ids}), "a hold is there twice"
        assert {*ids} == {hold.transaction_id for hold in holds}, "a hold is missing"

    def several(self, *ages: int) -> list[Hold]:
        """Overdue holds of two payers, each so old."""
        holds = [
            a_hold(number, from_user_id=(VIEWER, VIEWER_2)[number % 2], exp=EXP - TICK * age)
            for number, age in enumerate(ages)
        ]
        for hold in holds:
            self.credit(hold.from_user_id, 10)
            self.wallet.hold(hold)
        return holds

    def _refund_the_first(self, page: Sequence[Hold]) -> None:
        self.wallet.refund(page[0].transaction_id)


def _by_id(holds: Sequence[Hold]) -> dict[str, Hold]:
    return {hold.transaction_id: hold for hold in holds}
