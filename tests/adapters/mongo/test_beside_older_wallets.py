"""An upgrade rolls: workers of older versions settle the same holds, and money moves once (L6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count, islice

import pytest
from attrs import frozen
from pymongo.database import Database
from pymongo.errors import PyMongoError

from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.core.money import Balance
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import EXP, STREAMER, VIEWER, a_hold

from .crashing import Crash, Interruption, crash
from .documents import Document
from .older_wallets import VERSIONS, older_wallet

SOON = 300
"""Milliseconds after which whoever waits for the lock of a transaction gives up."""
HOLDS = {hold.transaction_id: hold for hold in (a_hold(goal_id=f"60a2{number:020x}") for number in range(30))}
WAYS: dict[str, Callable[[MongoWallet, str], object]] = {
    "release": lambda wallet, transaction_id: wallet.release(transaction_id),
    "refund": lambda wallet, transaction_id: wallet.refund(transaction_id),
    "hold again": lambda wallet, transaction_id: wallet.hold(HOLDS[transaction_id]),
}
SETTLING = ["release", "refund"]
PART = "release a part"
OUR_WAYS: dict[str, Callable[[MongoWallet, str], object]] = {
    **WAYS,
    PART: lambda wallet, transaction_id: wallet.release(transaction_id, 30),
}
OUR_SETTLING = [*SETTLING, PART]
older_versions = pytest.mark.parametrize("version", VERSIONS)
ends = pytest.mark.parametrize("end", ["pauses", "dies"])


@frozen
class Round:
    """A new hold of VIEWER, who had 90, and the streamer ``earned`` so much before."""

    wallet: MongoWallet
    transaction_id: str
    earned: int

    def check(self) -> None:
        """Finish the settlement. Its money has moved once."""
        settled = self.wallet.refund(self.transaction_id)
        assert self.wallet.find(self.transaction_id) == settled
        assert self.wallet.balance(VIEWER) == Balance(available=settled.refunded)
        assert self.wallet.balance(STREAMER) == Balance(available=self.earned + settled.released)
        assert list(self.wallet.audit(EXP).problems) == []


def rounds(wallet: MongoWallet) -> Iterator[Round]:
    for transaction_id, hold in HOLDS.items():
        wallet.credit(VIEWER, 90 - wallet.balance(VIEWER).available)
        wallet.hold(hold)
        yield Round(wallet, transaction_id, wallet.balance(STREAMER).available)


def may_fail(call: Callable[[], object], *refusals: str) -> None:
    """An older version fails on what ours has begun, and either one on what the other has locked."""
    try:
        call()
    except Exception as error:
        if not isinstance(error, PyMongoError) and type(error).__name__ not in ("WalletUnavailable", *refusals):
            raise


def meetings(
    wallet: MongoWallet,
    call: Callable[[Callable[[Database[Document]], Database[Document]], str], object],
    meanwhile: Callable[[str], object],
    end: str,
) -> Iterator[Round]:
    """Each round interrupts ``call`` before another one of its commands, until it has no more. It goes on, or dies.

    ``call`` gets a function that returns the database through which it is interrupted.
    """
    for length, one in zip(count(), rounds(wallet), strict=False):

        def interrupt(transaction_id: str = one.transaction_id) -> None:
            meanwhile(transaction_id)
            if end == "dies":
                crash()

        interruption = Interruption(length, interrupt)
        with suppress(Crash):
            call(interruption.of, one.transaction_id)
        yield one
        if not interruption.happened:
            assert length >= 3, "there was too little to interrupt"
            return


@older_versions
@pytest.mark.parametrize("our_way", OUR_SETTLING)
@pytest.mark.parametrize("their_way", WAYS)
@ends
def test_a_settlement_of_ours_that_an_older_worker_meets_moves_money_once_L6(
    wallet: MongoWallet,
    database: Database[Document],
    settings: MongoSettings,
    version: str,
    our_way: str,
    their_way: str,
    end: str,
) -> None:
    """An older worker that places the hold of which ours has released a part finds another amount there."""
    older = older_wallet(version, database)
    refusals = ["TransactionConflict"] if our_way == PART else []
    found = meetings(
        wallet,
        lambda through, id_: OUR_WAYS[our_way](MongoWallet(through(database), settings), id_),
        lambda id_: may_fail(partial(WAYS[their_way], older, id_), *refusals),
        end,
    )
    for one in found:
        audit = wallet.audit(EXP)
        assert audit.available + audit.held == audit.deposited
        one.check()


@older_versions
@pytest.mark.parametrize("our_way", OUR_WAYS)
@pytest.mark.parametrize("their_way", SETTLING)
@ends
def test_a_settlement_of_an_older_worker_that_ours_meets_moves_money_once_L6(
    wallet: MongoWallet, database: Database[Document], version: str, our_way: str, their_way: str, end: str
) -> None:
    """Ours waits for the locks of the other's transaction, in vain while that pauses."""
    impatient = MongoWallet(database, MongoSettings(database=database.name, timeout_ms=SOON))
    found = meetings(
        wallet,
        lambda through, id_: may_fail(partial(WAYS[their_way], older_wallet(version, through(database)), id_)),
        lambda id_: may_fail(partial(OUR_WAYS[our_way], impatient, id_)),
        end,
    )
    for one in found:
        one.check()


@older_versions
def test_of_workers_of_both_versions_at_once_one_moves_the_money_L6(
    wallet: MongoWallet, database: Database[Document], version: str
) -> None:
    older = older_wallet(version, database)
    ours = [partial(OUR_WAYS[way], wallet) for way in OUR_SETTLING]
    ways = [*ours, *(partial(WAYS[way], older) for way in SETTLING)] * (CALLERS // 5)
    for one in islice(rounds(wallet), 8):
        at_once([partial(may_fail, partial(way, one.transaction_id)) for way in ways])
        one.check()


@older_versions
@pytest.mark.parametrize("their_way", SETTLING)
def test_what_an_older_version_left_half_done_on_a_server_without_transactions_is_finished_L6(
    lone_database: Database[Document], version: str, their_way: str
) -> None:
    wallet = MongoWallet(lone_database, MongoSettings(database=lone_database.name, timeout_ms=30_000))
    found = meetings(
        wallet,
        lambda through, id_: WAYS[their_way](older_wallet(version, through(lone_database)), id_),
        lambda _: None,
        "dies",
    )
    for one in found:
        one.check()
