"""The checks, and what to do when one of them finds something wrong. None of them changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from celery import Celery

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
from ...adapters.pusher import PusherNotifier
from ...adapters.real_adapters import RealAdapters
from ...core.operators.overlong import Overlong
from ...ports.errors import NotificationRefused, NotifierUnavailable, TaskQueueUnavailable, WalletUnavailable
from ...ports.notifier import Notifier
from ..terminal import brief, counted
from .running import Check, Finding, Status
from .stores import StoreChecks, with_mongodb
from .sweeping import SweepsCheck

BROKER_TIMEOUT = 1.0
"""Seconds that the broker has for each answer."""
NOBODY = (
    "Start one: show-goal worker. If one runs, worker_enable_remote_control is off, or it is too busy to answer: "
    "this check knows nothing of it then."
)
HELD = (
    "They have an eta or a countdown. On RabbitMQ each takes the place of a message of ours: give the flow's queues a "
    "worker of their own."
)
NO_LIMITS = "It keeps no time limits, so a task that hangs never ends: start it with --pool prefork."


def checks_of(adapters: RealAdapters, app: Celery | None = None) -> Mapping[str, Check]:
    """The checks of what a container stands on, in the order in which they are printed.

    ``app`` is the host's own Celery app. It is checked with the settings that the host has given it.
    """
    stores, celery_settings = StoreChecks(adapters), adapters.celery_settings()
    celery_app = app or adapters.celery_app()
    if app is None:
        register_tasks(celery_app, dict, celery_settings)
    celery_settings = registered_settings(celery_app) or celery_settings
    return {
        "mongodb": stores.mongodb,
        "indexes": with_mongodb(stores.indexes),
        "clock": with_mongodb(stores.clock),
        "sessions": with_mongodb(stores.sessions),
        "broker": lambda: _broker(celery_app, celery_settings),
        "set aside": _with_broker(lambda: _set_aside(dead_letters(celery_app, celery_settings, BROKER_TIMEOUT))),
        "workers": _with_broker(lambda: _workers(worker_facts(celery_app, celery_settings, BROKER_TIMEOUT))),
        "celery": lambda: _celery(unsafe_settings(celery_app, celery_settings), [*shortcomings(celery_app)]),
        "pusher": lambda: _pusher(adapters.notifier()),
        "sweeps": with_mongodb(lambda: _sweeps(adapters.providers, celery_settings.sweep_interval)),
    }


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
        cure = "Start it, or correct its address: SHOW_GOAL_BROKER_URL, or your Celery app's broker_url."
        return Finding(Status.FAILURE, brief(error), (cure,))
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


def _pusher(notifier: Notifier) -> Finding:
    if not isinstance(notifier, PusherNotifier):
        return Finding(Status.OK, f"not asked: your {type(notifier).__name__} notifies")
    try:
        notifier.check()
    except NotifierUnavailable as error:
        advice = "Requests and money do not need it. Browsers hear nothing until it answers."
        return Finding(Status.FAILURE, brief(error), (advice,))
    except NotificationRefused as error:
        return Finding(Status.FAILURE, brief(error), ("Correct SHOW_GOAL_PUSHER_*, or your PusherSettings.",))
    return Finding(Status.OK, "answers, and accepts the key and the secret")


def _sweeps(of: Mapping[str, Any], interval: timedelta) -> Finding:
    ports = {name: of[name]() for name in ("goals", "sessions", "wallet", "sweeps", "settings")}
    overlong = Overlong(
        goals=ports["goals"],
        wallet=ports["wallet"],
        passes=of["passes"](),
        rule=of["settlement_rule"](),
        clock=of["clock"](),
    )
    try:
        return SweepsCheck(**ports, overlong=overlong, now=of["clock"]().now(), interval=interval)()
    except WalletUnavailable as error:
        return Finding(Status.FAILURE, brief(error), ("Bring the wallet back: until it answers, no money moves.",))
