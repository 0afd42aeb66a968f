"""MongoDB is killed, hangs, cuts connections and fails writes while requests and tasks run (D19, D27, L6)."""

from __future__ import annotations

import pytest
from pymongo import MongoClient

from ..black_box.platform import Platform
from ..servers import MongoServer
from .conftest import Document
from .crowd import Crowd
from .faults import failing, hung, killed
from .measure import Measure
from .scenario import ride_out, settle_through

WRITES = ("insert", "update", "findAndModify")
SHUTDOWN_IN_PROGRESS = 91


def test_killed(platform: Platform, mongod: MongoServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "MongoDB: kill -9, started again", killed(mongod), measure, within=20)


def test_black_hole(platform: Platform, mongod: MongoServer, measure: Measure) -> None:
    ride_out(Crowd(platform), "MongoDB: hangs (SIGSTOP)", hung(mongod), measure, within=20)


how = pytest.mark.parametrize(
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


@how
def test_writes_fail(
    platform: Platform, client: MongoClient[Document], how: str, what: Document, measure: Measure
) -> None:
    ride_out(Crowd(platform), f"MongoDB: {how}", failing(client, *WRITES, **what), measure, within=20)


@how
@pytest.mark.parametrize("collection", ["accounts", "transactions"])
def test_writes_of_settlements_fail(
    platform: Platform, client: MongoClient[Document], collection: str, how: str, what: Document, measure: Measure
) -> None:
    """A settlement breaks off between its steps: a record and an account are two documents."""
    fault = failing(client, *WRITES, namespace=f"{platform.database.name}.{collection}", **what)
    settle_through(Crowd(platform), f"MongoDB: {how} into {collection}", fault, measure, within=30)
