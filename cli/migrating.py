"""Moves what version 0.1 stored elsewhere, page by page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import click
from attrs import evolve

from ..adapters import mongo
from ..adapters.real_adapters import RealAdapters
from ..ports.page import Page
from .terminal import counted

PAGE = 100
A_PAGE_MAY_TAKE_MS = 600_000
"""It looks through a whole collection, which takes longer than a request may wait."""
MOVES: Mapping[str, Callable[[Any, Any, int, str | None], Page[str]]] = {
    "goal": mongo.move_old_contributions,
    "session": mongo.move_old_passes,
}
"""By what is left to move in."""


def migrate_all(adapters: RealAdapters, as_json: bool) -> None:
    """Print how much was moved, and on stderr how far it is. What an interrupted run left, the next one moves."""
    database = adapters.database()
    settings = evolve(adapters.mongo_settings(), timeout_ms=A_PAGE_MAY_TAKE_MS)
    mongo.ping(database, adapters.mongo_settings())  # fail soon when the server is down
    moved = {what: _every_page(partial(move, database, settings, PAGE), what) for what, move in MOVES.items()}
    if as_json:
        click.echo(json.dumps({f"{what}s": count for what, count in moved.items()}))
    else:
        click.echo(f"Moved out of {' and '.join(counted(count, what) for what, count in moved.items())}.")


def _every_page(move: Callable[[str | None], Page[str]], what: str) -> int:
    page = move(None)
    moved = len(page.items)
    while page.next is not None:
        click.echo(f"{counted(moved, what)} so far", err=True)
        page = move(page.next)
        moved += len(page.items)
    return moved
