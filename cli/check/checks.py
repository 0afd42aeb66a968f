"""What is looked at, and what is to be done when it is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from celery import Celery
from dependency_injector import containers

from ...adapters.celery import CelerySettings, QueueFacts, queue_facts, register_tasks, unsafe_settings
from ...adapters.mongo import MongoSettings, connect, missing_indexes, ping, server_facts
from ...adapters.pusher import PusherNotifier
from ...ports.errors import (
    NotificationRefused,
    NotifierUnavailable,
    StoreUnavailable,
    TaskQueueUnavailable,
    Unavailable,
)
from .examination import Check, Finding, Status, brief
from .sweeps import pending_sweeps

BROKER_TIMEOUT = 1.0
"""Seconds for each answer of the broker."""
OLDEST_MONGODB = 5
SKEW_WARNING = timedelta(seconds=1)
SKEW_FAILURE = timedelta(seconds=30)
"""A goal's exp, its cooldown and its settlement are wrong by as much, and money waits for them."""


def checks_of(adapters: containers.Container, app: Celery | None = None) -> Mapping[str, Check]:
    """The checks of what ``adapters_from(environ)`` names, in the order of telling. ``app``: the host's own Celery app.

    None of them changes anything.
    """
    of = adapters.providers
    mongo_settings, celery_settings = of["mongo_settings"](), of["celery_settings"]()
    celery_app = app or of["celery_app"]()
    if app is None:
        register_tasks(celery_app, dict, celery_settings)
    return {
        "mongodb": lambda: _mongodb(mongo_settings),
        "indexes": _with_mongodb(lambda: _indexes(mongo_settings)),
        "clock": _with_mongodb(lambda: _clock(mongo_settings, of["clock"]().now)),
        "broker": lambda: _broker(celery_app, celery_settings),
        "celery": lambda: _celery(unsafe_settings(celery_app, celery_settings)),
        "pusher": lambda: _pusher(of["notifier"]()),
        "sweeps": _with_mongodb(
            lambda: pending_sweeps(
                of["goals"](),
                of["sessions"](),
                of["wallet"](),
                of["settings"](),
                now=of["clock"]().now(),
                sweep_interval=celery_settings.sweep_interval,
            )
        ),
    }


@contextmanager
def _connected(settings: MongoSettings) -> Iterator[Any]:
    """A connection of the check's own: what one check meets there disturbs no other."""
    database = connect(settings)
    with database.client:
        yield database


def _with_mongodb(check: Check) -> Check:
    """The check named mongodb tells what is wrong with the server; this one that it could not look."""

    def checked() -> Finding:
        try:
            return check()
        except Unavailable:
            return Finding(Status.FAILURE, "not known, as MongoDB does not answer")

    return checked


def _mongodb(settings: MongoSettings) -> Finding:
    try:
        with _connected(settings) as database:
            facts = server_facts(database, settings)
    except StoreUnavailable as error:
        return Finding(Status.FAILURE, brief(error), ("Start it, or correct SHOW_GOAL_MONGODB_URI.",))
    summary = f"MongoDB {facts.version} answers"
    if int(facts.version.partition(".")[0]) < OLDEST_MONGODB:
        return Finding(Status.FAILURE, summary, (f"Version {OLDEST_MONGODB}.0 or newer is needed.",))
    if not facts.transactions:
        advice = "Without a replica set an acknowledged write can be lost, and a settlement takes several steps."
        return Finding(Status.WARNING, f"{summary}, without a replica set", (advice,))
    return Finding(Status.OK, f"{summary}, with transactions")


def _indexes(settings: MongoSettings) -> Finding:
    with _connected(settings) as database:
        missing = missing_indexes(database, settings)
    if not missing:
        return Finding(Status.OK, "all stand")
    advice = ("Run show-goal indexes: two of the promises rest on unique indexes.",)
    return Finding(Status.FAILURE, f"missing, or other than they should be: {', '.join(missing)}", advice)


def _clock(settings: MongoSettings, now: Callable[[], datetime]) -> Finding:
    with _connected(settings) as database:
        ping(database, settings)  # connecting takes its time, and would hide a difference
        before = now()
        there = server_facts(database, settings).time
        after = now()
    # The server looked at its clock somewhere in between: what that may explain is no skew.
    skew = max(before - there, there - after, timedelta(0))
    summary = f"this machine and MongoDB's differ by {skew.total_seconds():.1f} s"
    if skew < SKEW_WARNING:
        return Finding(Status.OK, summary)
    status = Status.FAILURE if skew >= SKEW_FAILURE else Status.WARNING
    return Finding(status, summary, ("Let NTP set both clocks: exp, cooldown and settlement go by them.",))


def _broker(app: Celery, settings: CelerySettings) -> Finding:
    try:
        facts = queue_facts(app, settings, BROKER_TIMEOUT)
    except TaskQueueUnavailable as error:
        return Finding(Status.FAILURE, brief(error), ("Start it, or correct SHOW_GOAL_BROKER_URL.",))
    return _queue(facts)


def _queue(facts: QueueFacts) -> Finding:
    answers = f"{facts.broker} answers"
    run_a_worker = ("Run a worker that takes from this queue: show-goal worker --beat.",)
    if facts.waiting is None:
        if facts.broker.startswith("redis"):  # it keeps no empty queues
            return Finding(Status.OK, f"{answers}, queue {facts.name}: 0 waiting")
        return Finding(Status.WARNING, f"{answers}, queue {facts.name} is not there yet", run_a_worker)
    summary = f"{answers}, queue {facts.name}: {facts.waiting} waiting"
    if facts.consumers is None:
        return Finding(Status.OK, summary)
    if facts.consumers == 0:
        return Finding(Status.WARNING, f"{summary}, no worker takes them", run_a_worker)
    return Finding(Status.OK, f"{summary}, {facts.consumers} workers")


def _celery(unsafe: list[str]) -> Finding:
    if not unsafe:
        return Finding(Status.OK, "no unsafe setting")
    return Finding(Status.FAILURE, f"{len(unsafe)} unsafe settings", tuple(unsafe))


def _pusher(notifier: PusherNotifier) -> Finding:
    try:
        notifier.check()
    except NotifierUnavailable as error:
        advice = "Requests and money do not wait for it; browsers hear nothing until it answers."
        return Finding(Status.FAILURE, brief(error), (advice,))
    except NotificationRefused as error:
        return Finding(Status.FAILURE, brief(error), ("Correct SHOW_GOAL_PUSHER_*.",))
    return Finding(Status.OK, "answers, and knows the key and the secret")
