"""The checks of MongoDB: the server, its indexes, its clock, and the sessions in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from attrs import frozen

from ...adapters.mongo import (
    MongoSessions,
    MongoSettings,
    connect,
    missing_indexes,
    ping,
    server_facts,
    with_several_sessions,
)
from ...adapters.real_adapters import RealAdapters
from ...ports.errors import StoreUnavailable
from ..terminal import brief
from .running import Check, Finding, Status

OLDEST_MONGODB = 5
MOST_NAMED = 10
SKEW_WARNING = timedelta(seconds=1)
SKEW_FAILURE = timedelta(seconds=30)
"""``exp``, cooldown and settlement are wrong by the same time."""


@frozen
class StoreChecks:
    of: RealAdapters

    def mongodb(self) -> Finding:
        try:
            with self._connected() as database:
                facts = server_facts(database, self._settings)
        except StoreUnavailable as error:
            advice = "Start it, or correct its address: SHOW_GOAL_MONGODB_URI, or your MongoSettings."
            return Finding(Status.FAILURE, brief(error), (advice,))
        summary = f"MongoDB {facts.version} answers"
        if int(facts.version.partition(".")[0]) < OLDEST_MONGODB:
            return Finding(Status.FAILURE, summary, (f"Version {OLDEST_MONGODB}.0 or newer is needed.",))
        if not facts.replicated:
            advice = "Without a replica set an acknowledged write can be lost."
            return Finding(Status.WARNING, f"{summary}, without a replica set", (advice,))
        return Finding(Status.OK, summary)

    def indexes(self) -> Finding:
        with self._connected() as database:
            missing = missing_indexes(database, self._settings, wallet=self.of.keeps_money())
        if not missing:
            return Finding(Status.OK, "all there")
        advice = ("Run show-goal indexes. Two promises need unique indexes.",)
        return Finding(Status.FAILURE, f"missing or different: {', '.join(missing)}", advice)

    def clock(self) -> Finding:
        now = self.of.clock().now
        with self._connected() as database:
            ping(database, self._settings)  # connecting takes time, which would hide a difference
            before = now()
            there = server_facts(database, self._settings).time
            after = now()
        # The server read its clock somewhere between before and after, so that much is not skew.
        skew = max(before - there, there - after, timedelta(0))
        summary = f"the clocks of this machine and of MongoDB differ by {skew.total_seconds():.1f} s"
        if skew < SKEW_WARNING:
            return Finding(Status.OK, summary)
        status = Status.FAILURE if skew >= SKEW_FAILURE else Status.WARNING
        return Finding(status, summary, ("Let NTP set both clocks. exp, cooldown and settlement depend on them.",))

    def sessions(self) -> Finding:
        adapter: object = self.of.sessions()
        if not isinstance(adapter, MongoSessions):
            return Finding(Status.OK, f"not looked at: your {type(adapter).__name__} has them")
        with self._connected() as database:
            found = with_several_sessions(database, self._settings, MOST_NAMED)
        if not found:
            return Finding(Status.OK, "no streamer has two active sessions")
        summary = f"more than one active session: {', '.join(found)}"
        return Finding(Status.WARNING, summary, ("End the others: a switch of the preset changes one of them (D41).",))

    @property
    def _settings(self) -> MongoSettings:
        settings: MongoSettings = self.of.mongo_settings()
        return settings

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """A connection for one check, so that its errors do not disturb the others; or the database that you passed."""
        provider: Any = self.of.database
        if provider.overridden:
            yield provider()
            return
        database = connect(self._settings)
        with database.client:
            yield database


def with_mongodb(check: Check) -> Check:
    """The check, which does not repeat what the check ``mongodb`` says about a server that does not answer."""

    def checked() -> Finding:
        try:
            return check()
        except StoreUnavailable:
            return Finding(Status.FAILURE, "unknown, because MongoDB does not answer")

    return checked
