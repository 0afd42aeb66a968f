"""The books, in SQLite. Each movement of money and its report are one transaction."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

Row = dict[str, Any]

SCHEMA = """
create table if not exists accounts (
    book text, user text, available integer not null check (available >= 0), held integer not null check (held >= 0),
    primary key (book, user)
);
create table if not exists payments (
    book text, id text, user text not null, change integer not null, after_hold integer not null, primary key (book, id)
);
create table if not exists holds (
    position integer primary key, book text not null, id text not null, payer text not null, payee text not null,
    escrow text not null, amount integer not null check (amount >= 0), expires text, tags text not null,
    note text not null, state text not null default 'held', unique (book, id)
);
create index if not exists holds_by_escrow on holds (book, escrow, state != 'held', id);
create index if not exists holds_by_payer on holds (book, payer);
create index if not exists held_by_expiry on holds (book, expires, id) where state = 'held';
create table if not exists reports (position integer primary key, body text not null);
"""


class Conflict(Exception):
    """The id exists with other parameters."""


class Insufficient(Exception):
    """The payer has too little money."""


class Unknown(Exception):
    """There is no such hold."""


class Ledger:
    """One SQLite file. Threads and processes may share it: each call is a transaction on a new connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(self._connect()) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(SCHEMA)

    def pay(self, book: str, payment_id: str, user: str, change: int) -> None:
        """Bring money into the book, or take it out if ``change`` is negative. Raises Conflict, Insufficient."""
        with self._writing() as sql:
            known = _one(sql, "select user, change from payments where book = ? and id = ?", book, payment_id)
            if known is None:
                if _balance(sql, book, user)["available"] + change < 0:
                    raise Insufficient(payment_id)
                newest = "(select coalesce(max(position), 0) from holds)"
                values = (book, payment_id, user, change)
                sql.execute(f"insert into payments values (?, ?, ?, ?, {newest})", values)
                _move(sql, book, user, available=change)
            elif known != {"user": user, "change": change}:
                raise Conflict(payment_id)

    def hold(self, book: str, hold: Row) -> Row:
        """Move the amount from available to held. Raises Conflict, Insufficient."""
        with self._writing() as sql:
            known = _find(sql, book, hold["id"])
            if known is not None:
                if any(known[name] != hold[name] for name in ("payer", "payee", "escrow", "amount")):
                    raise Conflict(hold["id"])
                return known
            if _balance(sql, book, hold["payer"])["available"] < hold["amount"]:
                raise Insufficient(hold["id"])
            _move(sql, book, hold["payer"], available=-hold["amount"], held=hold["amount"])
            values = {**hold, "book": book, "tags": json.dumps(hold["tags"]), "note": json.dumps(hold["note"])}
            sql.execute(
                "insert into holds (book, id, payer, payee, escrow, amount, expires, tags, note)"
                " values (:book, :id, :payer, :payee, :escrow, :amount, :expires, :tags, :note)",
                values,
            )
            _report(sql, hold["id"], hold["payer"], None, hold["amount"], hold["tags"])
            return {**hold, "state": "held"}

    def settle(self, book: str, hold_id: str, state: str) -> Row:
        """End a hold as ``released`` (to the payee) or ``refunded`` (to the payer), once. Raises Unknown."""
        with self._writing() as sql:
            hold = _find(sql, book, hold_id)
            if hold is None:
                raise Unknown(hold_id)
            if hold["state"] == "held":
                receiver = hold["payee"] if state == "released" else hold["payer"]
                _move(sql, book, hold["payer"], held=-hold["amount"])
                _move(sql, book, receiver, available=hold["amount"])
                sql.execute("update holds set state = ? where book = ? and id = ?", (state, book, hold_id))
                hold["state"] = state
                # A separate transaction, out of the escrow. Without tags, or it would count as another payment.
                _report(sql, f"{hold_id}:{state}", hold["escrow"], receiver, hold["amount"], [])
            return hold

    def find(self, book: str, hold_id: str) -> Row | None:
        with self._reading() as sql:
            return _find(sql, book, hold_id)

    def balance(self, book: str, user: str, hold: str | None) -> Row:
        """``available``, ``held``, and the user's hold if it is still held, all from one moment."""
        with self._reading() as sql:
            found = None if hold is None else _find(sql, book, hold)
            open_hold = found if found and (found["payer"], found["state"]) == (user, "held") else None
            return {**_balance(sql, book, user), "hold": open_hold}

    def of_escrow(self, book: str, escrow: str, limit: int, after: tuple[int, str]) -> Sequence[Row]:
        """The holds of an escrow by id: first those that are held, then those that are settled.

        ``after``: only those behind this place, which is 0 or 1 for held or settled, and an id.
        """
        condition = "escrow = ? and (state != 'held', id) > (?, ?) order by state != 'held', id limit ?"
        return self._holds(condition, book, escrow, *after, limit)

    def history(self, book: str, user: str, limit: int) -> Sequence[Row]:
        """The last holds that the user placed, and the last payments, the newest first."""
        with self._reading() as sql:
            holds = _all(
                sql,
                "select * from holds where book = ? and payer = ? order by position desc limit ?",
                book,
                user,
                limit,
            )
            payments = _all(
                sql,
                "select id, user, change, after_hold, rowid as number from payments where book = ? and user = ?"
                " order by rowid desc limit ?",
                book,
                user,
                limit,
            )
        placed = [((hold["position"], 0), _hold(hold)) for hold in holds]
        placed += [((payment["after_hold"], payment["number"]), payment) for payment in payments]
        return [row for _, row in sorted(placed, key=lambda one: one[0], reverse=True)][:limit]

    def expired(self, book: str, before: str, limit: int, after: tuple[str, str]) -> Sequence[Row]:
        """Holds that expired at ``before`` or earlier and are still held, the oldest first.

        ``after``: only those behind this expiry and id.
        """
        condition = "state = 'held' and expires <= ? and (expires, id) > (?, ?) order by expires, id limit ?"
        return self._holds(condition, book, before, *after, limit)

    def audit(self, book: str, before: str) -> Row:
        """The book's totals, and its problems as texts."""
        with self._reading() as sql:
            accounts = _all(sql, "select user, available, held from accounts where book = ?", book)
            holds = _all(sql, "select id, payer, amount, expires from holds where book = ? and state = 'held'", book)
            deposited = sum(row["change"] for row in _all(sql, "select change from payments where book = ?", book))
        available, held = (sum(account[name] for account in accounts) for name in ("available", "held"))
        problems = [f"{hold['id']} is still held" for hold in holds if hold["expires"] and hold["expires"] <= before]
        for account in accounts:
            placed = sum(hold["amount"] for hold in holds if hold["payer"] == account["user"])
            if placed != account["held"]:
                problems.append(f"{account['user']} has {account['held']} held, and holds of {placed}")
        if available + held != deposited:
            problems.append(f"{available} available and {held} held are not the {deposited} deposited")
        return {"available": available, "held": held, "deposited": deposited, "problems": problems}

    def next_report(self, after: int) -> tuple[int, bytes] | None:
        """The oldest unconfirmed report after that position."""
        with self._reading() as sql:
            row = _one(sql, "select position, body from reports where position > ? order by position limit 1", after)
        return None if row is None else (row["position"], row["body"].encode())

    def confirm_report(self, position: int) -> None:
        with self._writing() as sql:
            sql.execute("delete from reports where position = ?", (position,))

    def _holds(self, condition: str, *values: object) -> Sequence[Row]:
        with self._reading() as sql:
            return [_hold(row) for row in _all(sql, f"select * from holds where book = ? and {condition}", *values)]

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection, connection:
            connection.execute("begin")
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One writer at a time; the others wait. An exception undoes everything."""
        with closing(self._connect()) as connection, connection:
            connection.execute("begin immediate")
            yield connection


def _move(sql: sqlite3.Connection, book: str, user: str, *, available: int = 0, held: int = 0) -> None:
    sql.execute("insert or ignore into accounts values (?, ?, 0, 0)", (book, user))
    sql.execute(
        "update accounts set available = available + ?, held = held + ? where book = ? and user = ?",
        (available, held, book, user),
    )


def _balance(sql: sqlite3.Connection, book: str, user: str) -> Row:
    account = _one(sql, "select available, held from accounts where book = ? and user = ?", book, user)
    return account or {"available": 0, "held": 0}


def _find(sql: sqlite3.Connection, book: str, hold_id: str) -> Row | None:
    row = _one(sql, "select * from holds where book = ? and id = ?", book, hold_id)
    return None if row is None else _hold(row)


def _hold(row: Row) -> Row:
    hold = {**row, "tags": json.loads(row["tags"]), "note": json.loads(row["note"])}
    del hold["position"], hold["book"]
    return hold


def _report(
    sql: sqlite3.Connection, report_id: str, payer: str, payee: str | None, amount: int, tags: list[str]
) -> None:
    """Store the report in the same transaction as the movement, so that there is never one without the other."""
    report = {"id": report_id, "ts": int(time.time()), "fromAccount": payer, "fromAmount": amount, "tags": tags}
    paid = {"toAccount": payee, "toAmount": None if payee is None else amount}
    sql.execute("insert into reports (body) values (?)", (json.dumps({**report, **paid}),))


def _one(sql: sqlite3.Connection, query: str, *values: object) -> Row | None:
    row = sql.execute(query, values).fetchone()
    return None if row is None else dict(row)


def _all(sql: sqlite3.Connection, query: str, *values: object) -> list[Row]:
    return [dict(row) for row in sql.execute(query, values)]
