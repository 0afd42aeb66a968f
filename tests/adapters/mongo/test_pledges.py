"""Pledges on MongoDB: in the payer's account, beside older workers, and in a race of requests (D30)."""

from __future__ import annotations

from functools import partial

import pytest
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.container import Container
from show_goal.adapters.mongo import MongoSessions, MongoSettings, MongoWallet
from show_goal.core.errors import TransactionConflict
from show_goal.core.keyed_request import Accepted
from show_goal.core.model import Invitation, Viewer
from show_goal.core.money import Balance, Hold, Pledge
from show_goal.testing.conformance.races import CALLERS, at_once
from tests.builders import EXP, NOW, SESSION, VIEWER, VIEWER_2, a_hold, a_session

from .documents import Document, session_document
from .older_wallets import VERSIONS, older_wallet

HOLD = a_hold()
PLEDGE = Pledge(amount=90, duration=90, exp=EXP)


def pledged(wallet: MongoWallet, hold: Hold = HOLD) -> Pledge | None:
    return wallet.pledge(hold.from_user_id, hold.transaction_id, None, NOW).pledge


def test_an_account_with_pledges_as_it_is_written(wallet: MongoWallet, database: Database[Document]) -> None:
    wallet.credit(VIEWER, 1_000)
    for transaction_id in (HOLD.transaction_id, HOLD.transaction_id, "$another"):
        wallet.pledge(VIEWER, transaction_id, PLEDGE, NOW)
    first = {"transaction_id": HOLD.transaction_id, "amount": 90, "duration": 90, "exp": EXP, "asked": 2}
    other = {**first, "transaction_id": "$another", "asked": 1}
    opened = {"_id": ObjectId(VIEWER), "available": 1_000, "held": 0, "deposited": 1_000, "holds": [], "receipts": []}
    assert database["accounts"].find_one() == {**opened, "settled": 0, "pledges": [first, other]}
    wallet.hold(HOLD)
    account = database["accounts"].find_one()
    assert account is not None
    assert account["pledges"] == [other]
    assert list(wallet.audit(NOW).problems) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_workers_of_older_versions_move_the_money_beside_pledges_D30(
    wallet: MongoWallet, database: Database[Document], version: str
) -> None:
    """They leave the pledge of what they hold to its exp. The hold says what was promised."""
    older = older_wallet(version, database)
    older.credit(VIEWER, 1_000)
    wallet.pledge(VIEWER, HOLD.transaction_id, PLEDGE, NOW)
    older.hold(HOLD)
    assert wallet.pledge(VIEWER, HOLD.transaction_id, PLEDGE, NOW).hold == HOLD
    older.refund(HOLD.transaction_id)
    assert pledged(wallet) == PLEDGE
    assert wallet.pledge(VIEWER, HOLD.transaction_id, None, EXP).pledge is None
    assert wallet.balance(VIEWER) == Balance(available=1_000)
    assert list(wallet.audit(EXP).problems) == []


def test_pledges_holds_and_settlements_of_one_account_at_once_lose_nothing_L6_D30(wallet: MongoWallet) -> None:
    wallet.credit(VIEWER, 10 * CALLERS)
    holds = [a_hold(f"60a2{number:020x}", amount=10) for number in range(CALLERS)]
    ten = Pledge(amount=10, duration=90, exp=EXP)
    for hold in holds[::2]:
        wallet.pledge(VIEWER, hold.transaction_id, ten, NOW)
    holding = [partial(wallet.hold, hold) for hold in holds]
    pledging = [partial(wallet.pledge, VIEWER, hold.transaction_id, ten, NOW) for hold in holds]
    at_once([call for pair in zip(holding, pledging, strict=True) for call in pair])
    assert [pledged(wallet, hold) for hold in holds] == [None] * CALLERS
    at_once([partial(wallet.release, hold.transaction_id) for hold in holds])
    assert wallet.balance(VIEWER) == Balance()
    assert list(wallet.audit(EXP).problems) == []


@pytest.mark.parametrize("claimed", [True, False], ids=["the goal is claimed", "all at once"])
def test_requests_of_viewers_at_once_promise_each_one_thing_F7_D30(
    wallet: MongoWallet, settings: MongoSettings, database: Database[Document], claimed: bool
) -> None:
    """No worker has run. Each of two viewers asks for one duration in half of the requests, for another in the rest."""
    database["sessions"].insert_one(session_document(a_session()))
    container = Container.in_memory(sessions=MongoSessions(database, settings), wallet=wallet)
    viewers = [Viewer(id=VIEWER), Viewer(id=VIEWER_2)]
    for viewer in viewers:
        wallet.credit(viewer.id, 1_000)
    exp = int(container.clock().now().timestamp()) + 300
    ask = partial(container.trigger_private_session(), SESSION)
    if claimed:
        ask(viewers[0], Invitation(exp=exp, duration=60))
    asked = [(viewer, Invitation(exp=exp, duration=30 + turn % 2 * 30)) for turn in range(8) for viewer in viewers]

    answers = at_once([partial(ask, *one) for one in asked])
    told = {(one.transaction_id, one.amount) for one in answers if isinstance(one, Accepted)}
    assert len(told) == 2, "a viewer was told two amounts"
    assert {type(one) for one in answers} == {Accepted, TransactionConflict}
    container.worker().run_due()
    assert {(hold.transaction_id, hold.amount) for hold in _held(wallet, told)} == told


def _held(wallet: MongoWallet, told: set[tuple[str, int]]) -> list[Hold]:
    return [hold for transaction_id, _ in told if (hold := wallet.find(transaction_id)) is not None]
