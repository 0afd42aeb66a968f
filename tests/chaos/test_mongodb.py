"""MongoDB is killed, hangs, cuts connections and fails commits while requests and tasks run (D19, D27, L6)."""

from __future__ import annotations

import pytest
from pymongo import MongoClient

from ..black_box.platform import Platform
from ..servers import MongoServer
from .conftest import Document
from .crowd import Crowd
from .faults import failing, hung, killed, transactions_end_after
from .measure import Measure
from .scenario import ride_out, settle_through

WRITES = ("insert", "update", "findAndModify")
SHUTDOWN_IN_PROGRESS, NO_SUCH_TRANSACTION = 91, 251


def test_killed(platform: Platform, mongod: MongoServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "MongoDB: kill -9, started again", killed(mongod), measure, within=20)


def test_black_hole(platform: Platform, mongod: MongoServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "MongoDB: hangs (SIGSTOP)", hung(mongod), measure, within=20)


@pytest.mark.parametrize(
    ("how", "what"),
    [
        pytest.param("cuts the connection before every write", {"closeConnection": True}, id="cut"),
        pytest.param(
            "carries out every write and says that it failed",
            {"writeConcernError": {"code": SHUTDOWN_IN_PROGRESS, "errmsg": "failpoint"}},
            id="said to have failed",
        ),
    ],
)
def test_writes_fail(
    platform: Platform, client: MongoClient[Document], how: str, what: Document, measure: Measure
) -> None:
    ride_out(Crowd(platform), f"MongoDB: {how}", failing(client, *WRITES, **what), measure, within=20)


@pytest.mark.parametrize(
    ("how", "what"),
    [
        pytest.param(
            "undoes every transaction at its commit",
            {"errorCode": NO_SUCH_TRANSACTION, "errorLabels": ["TransientTransactionError"]},
            id="undone",
        ),
        pytest.param(
            "commits and says that it failed",
            {"writeConcernError": {"code": SHUTDOWN_IN_PROGRESS, "errmsg": "failpoint"}},
            id="said to have failed",
        ),
    ],
)
def test_commits_fail(
    platform: Platform, client: MongoClient[Document], how: str, what: Document, measure: Measure
) -> None:
    fault = failing(client, "commitTransaction", **what)
    settle_through(Crowd(platform), f"MongoDB: {how}", fault, measure, within=30)


def test_transactions_are_left_open(platform: Platform, client: MongoClient[Document], measure: Measure) -> None:
    """A transaction that is cut off before its commit locks its documents until MongoDB ends it."""
    with transactions_end_after(client, 10):
        fault = failing(client, "commitTransaction", closeConnection=True)
        name = "MongoDB: cuts the connection before every commit, and ends open transactions after 10 s"
        settle_through(Crowd(platform), name, fault, measure, within=40)
