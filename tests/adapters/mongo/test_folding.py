"""Releases into one account: none waits for another, and the money is there at once, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any
from zlib import crc32

import bson
import pytest
from pymongo.database import Database
from pymongo.errors import AutoReconnect
from pytest_mock import MockerFixture

from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.core.errors import InsufficientBalance
from show_goal.core.money import Balance, Hold, HoldState, Pledge
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import EXP, NOW, STREAMER, VIEWER, a_hold

from .commands import Commands
from .crashing import Crash, Interruption, crash, interrupted_anywhere
from .documents import Document

NEVER, ALWAYS = 2**40, 1
AT_ONCE = 3
FOLDING = "show_goal.adapters.mongo.wallet_folding"
_numbers = count()


@pytest.fixture
def turn(mocker: MockerFixture) -> Callable[[int], object]:
    """Sets how often a release is followed by a fold."""
    return partial(mocker.patch, f"{FOLDING}.EVERY")


@pytest.fixture(autouse=True)
def _only_when_it_is_needed(mocker: MockerFixture, turn: Callable[[int], object]) -> None:
    mocker.patch(f"{FOLDING}.AT_ONCE", AT_ONCE)
    turn(NEVER)


def held(wallet: MongoWallet, amount: int = 1, **changes: Any) -> Hold:
    """A hold of a new viewer, who had no more than this."""
    viewer_id = f"71e7{next(_numbers):020x}"
    wallet.credit(viewer_id, amount)
    return wallet.hold(a_hold(viewer_id=viewer_id, amount=amount, **changes))


def release(wallet: MongoWallet, number: int) -> None:
    for hold in [held(wallet) for _ in range(number)]:
        wallet.release(hold.transaction_id)


def spending(amount: int) -> Hold:
    return a_hold(f"60a7{next(_numbers):020x}", STREAMER, to_user_id=VIEWER, amount=amount)


def fold_all(wallet: MongoWallet) -> None:
    with suppress(InsufficientBalance):
        wallet.hold(spending(10**9))


def unfolded(database: Database[Document]) -> int:
    """How much of what was released is not in the streamer's account."""
    account = database["accounts"].find_one({"folded": {"$exists": True}}) or {"folded": []}
    records = database["transactions"].find({"unfolded": {"$exists": True}, "order": {"$nin": account["folded"]}})
    return sum(record["amount"] for record in records)


def assert_has(wallet: MongoWallet, amount: int) -> None:
    """The streamer has so much and can spend it, and no more."""
    assert wallet.statement(STREAMER, None).available == amount
    assert wallet.balance(STREAMER).available == amount
    assert wallet.audit(EXP).problems == []
    with pytest.raises(InsufficientBalance):
        wallet.hold(spending(amount + 1))
    hold = wallet.hold(spending(amount))
    assert wallet.balance(STREAMER) == Balance(available=0, held=amount)
    wallet.refund(hold.transaction_id)
    assert wallet.balance(STREAMER) == Balance(available=amount)
    assert wallet.audit(EXP).problems == []


@pytest.mark.parametrize("number", [16, 64])
def test_releases_at_once_to_one_streamer_cost_what_releases_to_distinct_ones_cost(
    wallet: MongoWallet, watched_database: Database[Document], settings: MongoSettings, commands: Commands, number: int
) -> None:
    """One that collides with another one would have to begin again, and so send more commands."""
    watched = MongoWallet(watched_database, settings)
    sent = []
    for receivers in ([STREAMER] * number, [f"57e7{receiver:020x}" for receiver in range(number)]):
        for receiver in receivers:  # opens the accounts
            watched.release(held(wallet, to_user_id=receiver).transaction_id)
        holds = [held(wallet, to_user_id=receiver) for receiver in receivers]
        commands.clear()
        at_once([partial(watched.release, hold.transaction_id) for hold in holds])
        sent.append(sorted(commands.names))
    to_one, to_distinct = sent
    assert to_one == to_distinct == sorted(["find", "update", "insert", "update"] * number)
    assert_has(wallet, 2 * number)


def test_released_money_is_there_before_it_is_in_the_account(wallet: MongoWallet, database: Database[Document]) -> None:
    release(wallet, 7)
    assert unfolded(database) == 7
    assert_has(wallet, 7)
    assert unfolded(database) == 0
    release(wallet, 2)
    assert_has(wallet, 9)


def test_about_every_64th_release_folds(
    wallet: MongoWallet, database: Database[Document], mocker: MockerFixture
) -> None:
    mocker.stopall()
    numbers = [n for n in range(3_000) if not crc32(a_hold(viewer_id=f"payer {n}").transaction_id.encode()) % 64]
    assert 30 < len(numbers) < 65
    first, other = numbers[0], next(n for n in range(3_000) if n not in numbers)
    for number, left in ((other, 90), (first, 0)):
        wallet.credit(f"payer {number}", 90)
        wallet.release(wallet.hold(a_hold(viewer_id=f"payer {number}")).transaction_id)
        assert unfolded(database) == left
    assert_has(wallet, 180)


def test_a_fold_that_fails_does_not_fail_the_release(
    wallet: MongoWallet, database: Database[Document], settings: MongoSettings, turn: Callable[[int], object]
) -> None:
    def lose_the_server() -> None:
        raise AutoReconnect

    turn(ALWAYS)
    release(wallet, 1)
    for length in (5, 6, 7, 8):  # find, give the account its list, mark, insert, take out, and the fold
        failing = Interruption(length, lose_the_server)
        settled = MongoWallet(failing.of(database), settings).release(held(wallet).transaction_id)
        assert settled.state is HoldState.RELEASED
        assert failing.happened
    assert_has(wallet, 5)


def test_a_process_does_not_remember_every_receiver(
    wallet: MongoWallet,
    watched_database: Database[Document],
    settings: MongoSettings,
    commands: Commands,
    mocker: MockerFixture,
) -> None:
    mocker.patch(f"{FOLDING}._REMEMBERED", 1)
    watched = MongoWallet(watched_database, settings)
    for receiver, updates in ((STREAMER, 3), (STREAMER, 2), (VIEWER, 3), (STREAMER, 3)):
        hold = held(wallet, to_user_id=receiver)
        commands.clear()
        watched.release(hold.transaction_id)
        assert commands.names.count("update") == updates


def test_neither_the_account_nor_what_is_unfolded_grows(
    wallet: MongoWallet, database: Database[Document], turn: Callable[[int], object]
) -> None:
    turn(ALWAYS)
    sizes = []
    for _ in range(8):
        release(wallet, AT_ONCE)
        account = database["accounts"].find_one({"folded": {"$exists": True}})
        assert account is not None
        assert unfolded(database) == 0
        assert len(account["folded"]) <= AT_ONCE
        sizes.append(len(bson.encode(account)))
    assert sizes == sizes[:1] * 8
    assert_has(wallet, 8 * AT_ONCE)


Interrupted = Callable[[Callable[[], object], int], Iterator[MongoWallet]]


@pytest.fixture
def interrupted(database: Database[Document], settings: MongoSettings) -> Interrupted:
    """Yields wallets of which the first is interrupted before its first command, the next before its second, until one
    is not interrupted. That one must have had at least ``least`` commands."""

    def each(interrupt: Callable[[], object], least: int) -> Iterator[MongoWallet]:
        for slow in interrupted_anywhere(database, interrupt, least):
            yield MongoWallet(slow, settings)

    return each


def test_a_fold_that_breaks_off_anywhere_moves_money_once_L6(wallet: MongoWallet, interrupted: Interrupted) -> None:
    released = 0
    for dying in interrupted(crash, 10):
        release(wallet, AT_ONCE + 1)
        released += AT_ONCE + 1
        with suppress(Crash):
            fold_all(dying)
        assert wallet.balance(STREAMER).available == released
        assert_has(wallet, released)


@pytest.mark.parametrize("more", [0, 1, AT_ONCE + 1])
def test_a_fold_that_pauses_while_others_release_and_fold_moves_money_once_L6(
    wallet: MongoWallet, interrupted: Interrupted, more: int
) -> None:
    released = 0

    def meanwhile() -> None:
        nonlocal released
        fold_all(wallet)
        release(wallet, more)
        released += more
        fold_all(wallet)

    for slow in interrupted(meanwhile, 10):
        release(wallet, AT_ONCE + 1)
        released += AT_ONCE + 1
        fold_all(slow)
        assert_has(wallet, released)


def test_a_hold_that_pauses_while_others_fold_is_placed_if_there_is_the_money_D18(
    wallet: MongoWallet, interrupted: Interrupted
) -> None:
    for slow in interrupted(partial(fold_all, wallet), 7):
        release(wallet, AT_ONCE + 1)
        hold = spending(AT_ONCE + 1)
        assert slow.hold(hold) == hold
        assert wallet.balance(STREAMER).available == 0


@pytest.mark.parametrize(
    "read",
    [
        MongoWallet.balance,
        lambda wallet, user: wallet.statement(user, None),
        lambda wallet, user: wallet.pledge(user, "another", None, NOW),
        lambda wallet, user: wallet.pledge(user, "another", Pledge(amount=1, duration=90, exp=EXP), NOW),
    ],
)
def test_a_balance_that_is_read_while_others_fold_is_right(
    wallet: MongoWallet, interrupted: Interrupted, read: Callable[[MongoWallet, str], Balance]
) -> None:
    released = 0

    def meanwhile() -> None:
        nonlocal released
        fold_all(wallet)
        release(wallet, 1)
        released += 1
        fold_all(wallet)

    for slow in interrupted(meanwhile, 2):
        release(wallet, AT_ONCE)
        released += AT_ONCE
        assert read(slow, STREAMER).available == released


def test_releases_holds_and_folds_at_once_keep_the_money_exact_L6(
    wallet: MongoWallet, turn: Callable[[int], object]
) -> None:
    turn(2)
    release(wallet, CALLERS)
    releases = [partial(wallet.release, held(wallet).transaction_id) for _ in range(CALLERS)]
    holds = [partial(wallet.hold, spending(1)) for _ in range(CALLERS)]
    answers = at_once([call for pair in zip(releases, holds, strict=True) for call in pair])
    assert all(isinstance(answer, Hold) for answer in answers), "a hold was refused that can be paid"
    assert wallet.balance(STREAMER) == Balance(available=CALLERS, held=CALLERS)
    assert wallet.audit(NOW).problems == []
