"""A wallet of your own: it keeps the money in SQLite. Copy it, and put your own store in the place of SQLite.

Services: none.
Install:  pip install '.[testing]'
Run:      pytest examples/test_sqlite_wallet.py
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import asdict, evolve

from show_goal.core.errors import InsufficientBalance, TransactionConflict, TransactionUnknown
from show_goal.core.money import Hold, HoldState, Statement
from show_goal.ports.errors import WalletUnavailable
from show_goal.ports.page import Page
from show_goal.ports.wallet import part_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (user_id TEXT PRIMARY KEY, available INTEGER NOT NULL CHECK (available >= 0));
CREATE TABLE IF NOT EXISTS holds (
    transaction_id TEXT PRIMARY KEY,
    escrow_id TEXT NOT NULL,
    settled INTEGER NOT NULL,
    exp REAL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS holds_of ON holds (escrow_id, settled, transaction_id);
CREATE INDEX IF NOT EXISTS overdue ON holds (exp, transaction_id) WHERE settled = 0;
"""
HOLDS_OF = """
SELECT body FROM holds WHERE escrow_id = ? AND (settled, transaction_id) > (?, ?)
ORDER BY settled, transaction_id LIMIT ?
"""
OVERDUE = """
SELECT body FROM holds WHERE settled = 0 AND exp <= ? AND (exp, transaction_id) > (?, ?)
ORDER BY exp, transaction_id LIMIT ?
"""
READING = "BEGIN"
WRITING = "BEGIN IMMEDIATE"  # one at a time, from before they read the balance until they have changed it
NOT_STORED = ("new", "placed_at", "settled_at")


class SqliteWallet:
    """Each call is one transaction on a connection of its own, so threads and forked processes may share the wallet.

    A call that gets no access to the file within ``timeout`` seconds raises WalletUnavailable; to repeat it is safe.
    """

    calls_back = False  # it does not report what it did, so the flow goes on by itself
    releases_parts = True

    def __init__(self, path: Path, timeout: float = 30.0) -> None:
        self._path = path
        self._timeout = timeout
        with closing(sqlite3.connect(path, timeout=timeout)) as sql:
            sql.executescript(SCHEMA)

    def credit(self, user_id: str, amount: int) -> None:
        """Give a user money to spend. No part of the port: the flow never makes money."""
        with self._transaction(WRITING) as sql:
            _add(sql, user_id, amount)

    def statement(self, user_id: str, transaction_id: str | None) -> Statement:
        with self._transaction(READING) as sql:
            hold = None if transaction_id is None else _find(sql, transaction_id)
            own = hold is not None and hold.from_user_id == user_id and hold.state is HoldState.HELD
            return Statement(available=_available(sql, user_id), hold=hold if own else None)

    def hold(self, hold: Hold) -> Hold:
        with self._transaction(WRITING) as sql:
            stored = _find(sql, hold.transaction_id)
            if stored is None:
                return _place(sql, hold)
            if not stored.same_transfer(hold):
                raise TransactionConflict(hold.transaction_id)
            return stored

    def release(self, transaction_id: str, amount: int | None = None) -> Hold:
        return self._settle(transaction_id, HoldState.RELEASED, amount)

    def refund(self, transaction_id: str) -> Hold:
        return self._settle(transaction_id, HoldState.REFUNDED)

    def find(self, transaction_id: str) -> Hold | None:
        with self._transaction(READING) as sql:
            return _find(sql, transaction_id)

    def holds_of(self, escrow_id: str, limit: int, after: str | None = None) -> Page[Hold]:
        holds = self._holds(HOLDS_OF, escrow_id, *_place_of(after), limit + 1)
        return _page(holds, limit, lambda last: (last.state is not HoldState.HELD, last.transaction_id))

    def overdue(self, before: datetime, limit: int, after: str | None = None) -> Page[Hold]:
        holds = self._holds(OVERDUE, before.timestamp(), *_place_of(after), limit + 1)
        return _page(holds, limit, lambda last: (_seconds(last.exp), last.transaction_id))

    def _settle(self, transaction_id: str, state: HoldState, amount: int | None = None) -> Hold:
        with self._transaction(WRITING) as sql:
            hold = _find(sql, transaction_id)
            if hold is None:
                raise TransactionUnknown(transaction_id)
            if hold.state is not HoldState.HELD:
                return hold
            settled = evolve(hold, state=state, part=part_of(hold, amount))
            _add(sql, hold.to_user_id, settled.released)
            _add(sql, hold.from_user_id, settled.refunded)
            update = "UPDATE holds SET settled = 1, body = ? WHERE transaction_id = ?"
            sql.execute(update, (_written(settled), transaction_id))
            return settled

    def _holds(self, select: str, *values: object) -> list[Hold]:
        with self._transaction(READING) as sql:
            return [_read(body) for (body,) in sql.execute(select, values)]

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """Everything in it happens, or nothing."""
        try:
            with closing(sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None)) as sql:
                sql.execute(begin)
                with sql:
                    yield sql
        except sqlite3.OperationalError as error:  # the file is locked, or away, or the disk is full
            raise WalletUnavailable(str(error)) from error


def _place(sql: sqlite3.Connection, hold: Hold) -> Hold:
    if _available(sql, hold.from_user_id) < hold.amount:
        raise InsufficientBalance(hold.transaction_id)
    _add(sql, hold.from_user_id, -hold.amount)
    row = hold.transaction_id, hold.escrow_id, 0, _seconds(hold.exp), _written(hold)
    sql.execute("INSERT INTO holds VALUES (?, ?, ?, ?, ?)", row)
    return evolve(hold, new=True)


def _available(sql: sqlite3.Connection, user_id: str) -> int:
    row = sql.execute("SELECT available FROM accounts WHERE user_id = ?", (user_id,)).fetchone()
    return 0 if row is None else int(row[0])


def _add(sql: sqlite3.Connection, user_id: str, amount: int) -> None:
    """The account may be missing. The table refuses less than 0, whatever the code above has overlooked."""
    sql.execute("INSERT OR IGNORE INTO accounts VALUES (?, 0)", (user_id,))
    sql.execute("UPDATE accounts SET available = available + ? WHERE user_id = ?", (amount, user_id))


def _find(sql: sqlite3.Connection, transaction_id: str) -> Hold | None:
    row = sql.execute("SELECT body FROM holds WHERE transaction_id = ?", (transaction_id,)).fetchone()
    return None if row is None else _read(row[0])


def _written(hold: Hold) -> str:
    body = asdict(hold, filter=lambda field, _: field.name not in NOT_STORED)
    return json.dumps(body, default=datetime.isoformat)


def _read(body: str) -> Hold:
    values: dict[str, Any] = json.loads(body)
    exp = values["exp"] and datetime.fromisoformat(values["exp"])
    return Hold(**{**values, "exp": exp, "state": HoldState(values["state"])})


def _seconds(exp: datetime | None) -> float | None:
    return None if exp is None else exp.timestamp()


def _place_of(after: str | None) -> Sequence[object]:
    """Where a page begins. Nothing comes before 0 and the empty text."""
    return (0, "") if after is None else json.loads(after)


def _page(holds: Sequence[Hold], limit: int, place: Callable[[Hold], object]) -> Page[Hold]:
    """``holds`` has one more than ``limit`` if others follow."""
    page = holds[:limit]
    return Page(page, json.dumps(place(page[-1])) if 0 < limit < len(holds) else None)
