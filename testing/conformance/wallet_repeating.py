"""Wallet: what ``hold`` promises of a transaction id that stands already."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from ...core.errors import InsufficientBalance, TransactionConflict
from ...core.model import Hold, HoldState, Statement
from ...ports.wallet import Wallet
from .examples import EXP, STREAMER_2, TICK, VIEWER, VIEWER_2, a_hold
from .promise import Promise
from .races import CALLERS, at_once
from .wallet_suite import Credit, WalletSuite, available, settle

ONCE = Promise(
    Wallet.hold,
    "once",
    "The same transaction id holds once: the same transfer again moves nothing, settled or not (D15).",
)
CONFLICT = Promise(
    Wallet.hold,
    "conflict",
    "TransactionConflict is raised, moving nothing, when the id stands with another amount, party or escrow.",
)


class Repeating(WalletSuite):
    """A transfer is delivered again."""

    @ONCE
    def test_the_same_transfer_again_moves_nothing_d15(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        assert wallet.hold(a_hold()) == a_hold(), "a repeat is success"
        assert available(wallet) == 90, "a repeat was charged"

    @ONCE
    def test_a_repeat_gets_the_hold_that_stands_d15(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        again = wallet.hold(a_hold(exp=EXP + TICK, duration=1, tags=[]))
        assert again == a_hold(), "amount, parties and escrow make the transfer: the first telling of the rest stands"

    @ONCE
    def test_a_repeat_needs_no_money_d14(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 10)
        wallet.hold(a_hold())
        assert wallet.hold(a_hold()) == a_hold(), "an honest retry is not refused for the money it already paid"

    @pytest.mark.parametrize(
        "changes",
        [
            {"amount": 11},
            {"amount": 9},
            {"amount": 0},
            {"amount": 1_000},
            {"to_user_id": STREAMER_2},
            {"escrow_id": "x"},
        ],
        ids=["more", "less", "free", "more than there is", "other payee", "other escrow"],
    )
    @CONFLICT
    def test_the_same_id_for_another_transfer_is_a_conflict_d15(
        self, wallet: Wallet, credit: Credit, changes: dict[str, Any]
    ) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        with pytest.raises(TransactionConflict):
            wallet.hold(a_hold(**changes))
        assert wallet.statement(VIEWER, a_hold().transaction_id) == Statement(available=90, hold=a_hold()), (
            "a conflict moves nothing"
        )

    @pytest.mark.parametrize("balance", [0, 100])
    @CONFLICT
    def test_the_same_id_for_another_payer_is_a_conflict_d15(
        self, wallet: Wallet, credit: Credit, balance: int
    ) -> None:
        """One who could not pay anyway may be told that instead."""
        credit(VIEWER, 100)
        credit(VIEWER_2, balance)
        wallet.hold(a_hold())
        refusals = (TransactionConflict,) if balance else (TransactionConflict, InsufficientBalance)
        with pytest.raises(refusals):
            wallet.hold(a_hold(from_user_id=VIEWER_2, transaction_id=a_hold().transaction_id))
        assert available(wallet, VIEWER_2) == balance, "a conflict moves nothing"

    @ONCE
    def test_of_the_same_hold_at_once_one_is_charged_d15(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 1_000)
        answers = at_once([partial(wallet.hold, a_hold())] * CALLERS)
        assert answers == [a_hold()] * CALLERS, "every caller gets the one hold that stands"
        assert available(wallet) == 990, "one transaction was charged more than once"

    @CONFLICT
    def test_of_the_same_id_for_different_amounts_at_once_one_stands_d15(self, wallet: Wallet, credit: Credit) -> None:
        credit(VIEWER, 1_000)
        holds = [a_hold(amount=amount) for amount in range(1, CALLERS + 1)]
        answers = at_once([partial(wallet.hold, hold) for hold in holds])
        placed = [answer for answer in answers if isinstance(answer, Hold)]
        assert len(placed) == 1, "one transaction id stood for several transfers"
        assert sum(isinstance(answer, TransactionConflict) for answer in answers) == CALLERS - 1, "the others conflict"
        assert available(wallet) == 1_000 - placed[0].amount, "a conflict moved money"

    @pytest.mark.parametrize("way", [HoldState.RELEASED, HoldState.REFUNDED])
    @ONCE
    def test_a_settled_transfer_again_is_not_charged_d15(self, wallet: Wallet, credit: Credit, way: HoldState) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        settle(wallet, way)
        before = wallet.balance(VIEWER)
        assert wallet.hold(a_hold()) == a_hold(state=way), "a repeat gets the hold as it stands, settled or not"
        assert wallet.balance(VIEWER) == before, "a settled id was charged a second time"
        self.sound(wallet, 100)

    @pytest.mark.parametrize("way", [HoldState.RELEASED, HoldState.REFUNDED])
    @CONFLICT
    def test_a_settled_id_for_another_transfer_is_a_conflict_d15(
        self, wallet: Wallet, credit: Credit, way: HoldState
    ) -> None:
        credit(VIEWER, 100)
        wallet.hold(a_hold())
        settle(wallet, way)
        for other in (a_hold(amount=11), a_hold(to_user_id=STREAMER_2), a_hold(escrow_id="x")):
            with pytest.raises(TransactionConflict):
                wallet.hold(other)
        self.sound(wallet, 100)

    @CONFLICT
    def test_a_settled_id_of_another_payer_is_a_conflict_d15(self, wallet: Wallet, credit: Credit) -> None:
        for payer in (VIEWER, VIEWER_2):
            credit(payer, 100)
        wallet.hold(a_hold())
        wallet.refund(a_hold().transaction_id)
        with pytest.raises(TransactionConflict):
            wallet.hold(a_hold(from_user_id=VIEWER_2, transaction_id=a_hold().transaction_id))
        self.sound(wallet, 200)
