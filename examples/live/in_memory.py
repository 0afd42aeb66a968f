"""The page's platform in one process. Its data is gone when the process ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask

from show_goal.adapters.clock import SystemClock
from show_goal.adapters.container import Container
from show_goal.adapters.memory import MemorySessions, MemoryWallet
from show_goal.cli.serving import running_worker
from show_goal.core.model import Session
from show_goal.core.rules.settlement import SettlementRule, whole_once_begun
from show_goal.core.settings import Settings

from .cast import PEOPLE, PREVIEW, PRICING, SESSION, SID
from .site import create_site
from .streams import ServerSentEvents

SETTINGS = Settings(settle_delay=timedelta(seconds=15), cooldown=timedelta(seconds=15))
"""Short enough to watch."""


@contextmanager
def in_memory_site(
    settings: Settings = SETTINGS, rule: SettlementRule = whole_once_begun
) -> Iterator[tuple[Flask, ServerSentEvents]]:
    """The app, with a worker thread that runs until the block ends."""
    sessions, wallet, events = MemorySessions(), MemoryWallet(), ServerSentEvents()
    sessions.add(Session(id=SESSION, streamer_id=SID.id, pricing=PRICING, preset=PREVIEW))
    for person in PEOPLE.values():
        if person.money:
            wallet.deposit(f"top-up of {person.id}", person.id, person.money)
    container = Container.in_memory(
        settings=settings,
        settlement_rule=rule,
        clock=SystemClock(),
        sessions=sessions,
        wallet=wallet,
        notifier=events,
    )
    with running_worker(container):
        try:
            yield create_site(container, events=events), events
        finally:
            events.close_all()
