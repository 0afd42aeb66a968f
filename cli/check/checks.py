"""The checks, and what to do when one of them finds something wrong. None of them changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from celery import Celery
from dependency_injector import containers

from ...adapters.celery import (
    CelerySettings,
    DeadLetters,
    QueueFacts,
    WorkerFacts,
    broker_facts,
    dead_letters,
    register_tasks,
    registered_settings,
    shortcomings,
    unsafe_settings,
    worker_facts,
)
from ...adapters.mongo import MongoSettings, connect, missing_indexes, ping, server_facts, with_several_sessions
from ...adapters.pusher import PusherNotifier
from ...ports.errors import (
    NotificationRefused,
    NotifierUnavailable,
    StoreUnavailable,
    TaskQueueUnavailable,
    Unavailable,
)
from ..terminal import brief, counted
from .running import Check, Finding, Status
from .sweeping import SweepsCheck

BROKER_TIMEOUT = 1.0
"""Seconds that the broker has for each answer."""
OLDEST_MONGODB = 5
MOST_NAMED = 10
SKEW_WARNING = timedelta(seconds=1)
SKEW_FAILURE = timedelta(seconds=30)
"""``exp``, cooldown and settlement are wrong by the same time."""
NOBODY = (
    "Start one: show-goal worker. If one runs, worker_enable_remote_control is off, or it is too busy to answer: "
    "this check knows nothing of it then."
)
HELD = (
    "They have an eta or a countdown. On RabbitMQ each takes the place of a message of ours: give the flow's queues a "
    "worker of their own."
)
NO_LIMITS = "It keeps no time limits, so a task that hangs never ends: start it with --pool prefork."


def checks_of(adapters: containers.Container, app: Celery | None = None) -> Mapping[str, Check]:
    """The checks of what ``adapters_from(environ)`` made, in the order in which they are printed.

    ``app`` is the host's own Celery app. It is checked with the settings that the host has given it.
    """
    of = adapters.providers
    mongo_settings, celery_settings = of["mongo_settings"](), of["celery_settings"]()
    celery_app = app or of["celery_app"]()
    if app is None:
        register_tasks(celery_app, dict, celery_settings)
    celery_settings = registered_settings(celery_app) or celery_settings
    return {
        "mongodb": lambda: _mongodb(mongo_settings),
        "indexes": _with_mongodb(lambda: _indexes(mongo_settings)),
        "clock": _with_mongodb(lambda: _clock(mongo_settings, of["clock"]().now)),
        "sessions": _with_mongodb(lambda: _sessions(mongo_settings)),
        "broker": lambda: _broker(celery_app, celery_settings),
        "set aside": _with_broker(lambda: _set_aside(dead_letters(celery_app, celery_settings, BROKER_TIMEOUT))),
        "workers": _with_broker(lambda: _workers(worker_facts(celery_app, celery_settings, BROKER_TIMEOUT))),
        "celery": lambda: _celery(unsafe_settings(celery_app, celery_settings), [*shortcomings(celery_app)]),
        "pusher": lambda: _pusher(of["notifier"]()),
        "sweeps": _with_mongodb(lambda: _sweeps(of, celery_settings.sweep_interval)),
    }


@contextmanager
def _connected(settings: MongoSettings) -> Iterator[Any]:
    """A connection for one check, so that its errors do not disturb the others."""
    database = connect(settings)
    with database.client:
        yield database


def _with_mongodb(check: Check) -> Check:
    """The check, which does not repeat what the check ``mongodb`` says about a server that does not answer."""

    def checked() -> Finding:
        try:
            return check()
        except Unavailable:
            return Finding(Status.FAILURE, "unknown, because MongoDB does not answer")

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
    if not facts.replicated:
        advice = "Without a replica set an acknowledged write can be lost."
        return Finding(Status.WARNING, f"{summary}, without a replica set", (advice,))
    return Finding(Status.OK, summary)


def _indexes(settings: MongoSettings) -> Finding:
    with _connected(settings) as database:
        missing = missing_indexes(database, settings)
    if not missing:
        return Finding(Status.OK, "all there")
    advice = ("Run show-goal indexes. Two promises need unique indexes.",)
    return Finding(Status.FAILURE, f"missing or different: {', '.join(missing)}", advice)


def _clock(settings: MongoSettings, now: Callable[[], datetime]) -> Finding:
    with _connected(settings) as database:
        ping(database, settings)  # connecting takes time, which would hide a difference
        before = now()
        there = server_facts(database, settings).time
        after = now()
    # The server read its clock somewhere between before and after, so that much is not skew.
    skew = max(before - there, there - after, timedelta(0))
    summary = f"the clocks of this machine and of MongoDB differ by {skew.total_seconds():.1f} s"
    if skew < SKEW_WARNING:
        return Finding(Status.OK, summary)
    status = Status.FAILURE if skew >= SKEW_FAILURE else Status.WARNING
    return Finding(status, summary, ("Let NTP set both clocks. exp, cooldown and settlement depend on them.",))


def _sessions(settings: MongoSettings) -> Finding:
    with _connected(settings) as database:
        found = with_several_sessions(database, settings, MOST_NAMED)
    if not found:
        return Finding(Status.OK, "no streamer has two active sessions")
    summary = f"more than one active session: {', '.join(found)}"
    return Finding(Status.WARNING, summary, ("End the others: a switch of the preset changes one of them (D41).",))


def _with_broker(check: Check) -> Check:
    """The check, which does not repeat what the check ``broker`` says about a broker that does not answer."""

    def checked() -> Finding:
        try:
            return check()
        except TaskQueueUnavailable:
            return Finding(Status.FAILURE, "unknown, because the broker does not answer")

    return checked


def _broker(app: Celery, settings: CelerySettings) -> Finding:
    try:
        facts = broker_facts(app, settings, BROKER_TIMEOUT)
    except TaskQueueUnavailable as error:
        return Finding(Status.FAILURE, brief(error), ("Start it, or correct SHOW_GOAL_BROKER_URL.",))
    queues = [f"queue {queue.name}: {_queue(queue, facts.broker)}" for queue in facts.queues]
    summary = "; ".join([f"{facts.broker} answers", *queues])
    advice = (
        *(
            _untaken(queue.name)
            for queue in facts.queues
            if queue.consumers == 0 or (queue.waiting is None and not _keeps_no_empty_queues(facts.broker))
        ),
        *(f"The queue of {task} is not looked at: {why}." for task, why in facts.unseen.items()),
    )
    return Finding(Status.WARNING if advice else Status.OK, summary, advice)


def _queue(queue: QueueFacts, broker: str) -> str:
    if queue.waiting is None:
        return "0 waiting" if _keeps_no_empty_queues(broker) else "does not exist yet"
    waiting = f"{queue.waiting} waiting"
    return waiting if queue.consumers is None else f"{waiting}, {counted(queue.consumers, 'worker')}"


def _keeps_no_empty_queues(broker: str) -> bool:
    return broker.startswith("redis")


def _set_aside(letters: DeadLetters) -> Finding:
    if not letters.count:
        return Finding(Status.OK, "no message was set aside")
    summary = f"{counted(letters.count, 'message')} that no worker could run"
    return Finding(Status.WARNING, summary, tuple(letters.first))


def _untaken(queue: str) -> str:
    return f"No worker takes {queue}: run show-goal worker, or celery worker --queues."


def _workers(facts: WorkerFacts) -> Finding:
    if not facts.takes:
        return Finding(Status.WARNING, "no worker of the flow answers", (NOBODY,))
    advice = (
        *map(_untaken, facts.untaken),
        *(f"{worker} holds {counted(count, 'task')} of yours. {HELD}" for worker, count in facts.holds.items()),
        *(f"{worker} runs tasks in a pool of {pool}. {NO_LIMITS}" for worker, pool in facts.pools.items()),
    )
    status = Status.WARNING if advice else Status.OK
    return Finding(status, f"{counted(len(facts.takes), 'worker')} of the flow answered", advice)


def _celery(unsafe: Sequence[str], slower: Sequence[str]) -> Finding:
    if unsafe:
        return Finding(Status.FAILURE, counted(len(unsafe), "unsafe setting"), (*unsafe, *slower))
    if slower:
        return Finding(Status.WARNING, "no unsafe setting, but an older version", tuple(slower))
    return Finding(Status.OK, "no unsafe setting")


def _pusher(notifier: PusherNotifier) -> Finding:
    try:
        notifier.check()
    except NotifierUnavailable as error:
        advice = "Requests and money do not need it. Browsers hear nothing until it answers."
        return Finding(Status.FAILURE, brief(error), (advice,))
    except NotificationRefused as error:
        return Finding(Status.FAILURE, brief(error), ("Correct SHOW_GOAL_PUSHER_*.",))
    return Finding(Status.OK, "answers, and accepts the key and the secret")


def _sweeps(of: Mapping[str, Any], interval: timedelta) -> Finding:
    ports = {name: of[name]() for name in ("goals", "sessions", "wallet", "sweeps", "settings")}
    return SweepsCheck(**ports, now=of["clock"]().now(), interval=interval)()
