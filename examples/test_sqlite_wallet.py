"""The wallet of examples/sqlite_wallet.py keeps every promise of the port: the kit calls, repeats and races it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from examples.sqlite_wallet import HOLDS_OF, OVERDUE, SCHEMA, WRITING, SqliteWallet
from show_goal.ports.errors import WalletUnavailable
from show_goal.testing.conformance import WalletConformance, WalletUnderTest


class TestSqliteWallet(WalletConformance):
    @pytest.fixture
    def under_test(self, tmp_path: Path) -> WalletUnderTest:
        wallet = SqliteWallet(tmp_path / "wallet.db")
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)


# What the kit cannot see, because it needs more than the port:


def test_a_file_that_somebody_else_has_locked_is_unavailable(tmp_path: Path) -> None:
    wallet = SqliteWallet(tmp_path / "wallet.db", timeout=0.1)
    with closing(sqlite3.connect(tmp_path / "wallet.db", isolation_level=None)) as somebody_else:
        somebody_else.execute(WRITING)
        with pytest.raises(WalletUnavailable, match="locked"):
            wallet.refund("an id")


@pytest.mark.parametrize("select", [HOLDS_OF, OVERDUE], ids=["holds_of", "overdue"])
def test_a_page_costs_as_much_as_it_has_holds(select: str) -> None:
    with closing(sqlite3.connect(":memory:")) as sql:
        sql.executescript(SCHEMA)
        plan = sql.execute(f"EXPLAIN QUERY PLAN {select}", [""] * select.count("?")).fetchall()
    assert [step[-1].partition(" (")[0] for step in plan] == [f"SEARCH holds USING INDEX {index_of(select)}"]


def index_of(select: str) -> str:
    return "holds_of" if select is HOLDS_OF else "overdue"
