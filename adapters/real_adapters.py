"""MongoDB, Celery and Pusher. An adapter is made at its first use, so a process may fork before that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

from celery import Celery
from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Callable as Call
from dependency_injector.providers import Dependency, Factory, Object, Provider, ThreadSafeSingleton
from pymongo.database import Database

from ..core.rules.settlement import whole_once_begun
from ..core.settings import Settings
from . import celery, mongo, pusher
from .clock import SystemClock

KINDS = {
    "mongo": mongo.MongoSettings,
    "celery": celery.CelerySettings,
    "celery_app": Celery,
    "pusher": pusher.PusherSettings,
}
"""What a host's own settings must be, by the argument's name."""
Tasks = Callable[[], Mapping[Any, Callable[..., object]]]


def _connected(settings: mongo.MongoSettings, opened: ExitStack) -> Database[dict[str, Any]]:
    database = mongo.connect(settings)
    opened.callback(database.client.close)
    return database


def _closed(adapter: Any, opened: ExitStack) -> Any:
    opened.callback(adapter.close)
    return adapter


def _checks(database: Database[dict[str, Any]], settings: mongo.MongoSettings) -> Mapping[str, Callable[[], None]]:
    """Only the store: without a broker a request answers 503 by itself, and no request waits for Pusher."""
    return {"mongodb": lambda: mongo.ping(database, settings)}


def _worker(app: Celery, tasks: Tasks, settings: celery.CelerySettings) -> Celery:
    celery.register_tasks(app, tasks, settings)
    celery.schedule_sweeps(app, settings)  # for `worker --beat`, or a host's `celery beat`
    return app


class RealAdapters(DeclarativeContainer):
    """Everything that ``opened`` holds is closed with it; a ``database`` that you pass is yours to close."""

    settings: Provider[Any] = Dependency(default=Settings())
    mongo_settings: Provider[Any] = Dependency()
    celery_settings: Provider[Any] = Dependency()
    broker_url: Provider[Any] = Dependency(default="")  # unused with an app of your own
    pusher_settings: Provider[Any] = Dependency()
    wallet_keys: Provider[Any] = Dependency(default=Object(()))
    read_session: Provider[Any] = Dependency(default=Object(None))
    settlement_rule: Provider[Any] = Object(whole_once_begun)

    opened: Provider[ExitStack] = ThreadSafeSingleton(ExitStack)
    database = ThreadSafeSingleton(_connected, mongo_settings, opened)
    celery_app = ThreadSafeSingleton(celery.make_app, broker_url, celery_settings)

    clock = ThreadSafeSingleton(SystemClock)
    ids = ThreadSafeSingleton(mongo.MongoIds)
    sessions = ThreadSafeSingleton(mongo.MongoSessions, database, mongo_settings, read_session)
    goals = ThreadSafeSingleton(mongo.MongoGoals, database, mongo_settings)
    passes = ThreadSafeSingleton(mongo.MongoPasses, database, mongo_settings)
    wallet = ThreadSafeSingleton(mongo.MongoWallet, database, mongo_settings)
    feed = ThreadSafeSingleton(mongo.MongoFeed, database, mongo_settings)
    tracker = ThreadSafeSingleton(mongo.MongoTracker, database, mongo_settings)
    channel_cache = ThreadSafeSingleton(mongo.MongoChannelCache, database, mongo_settings)
    rtc_sources = ThreadSafeSingleton(mongo.MongoRtcSources, database, mongo_settings)
    keyed_requests = ThreadSafeSingleton(mongo.MongoKeyedRequests, database, mongo_settings)
    journal = ThreadSafeSingleton(mongo.MongoJournal, database, mongo_settings)
    sweeps = ThreadSafeSingleton(mongo.MongoSweeps, database, mongo_settings)
    task_queue = ThreadSafeSingleton(_closed, Factory(celery.CeleryTaskQueue, celery_app, celery_settings), opened)
    notifier = ThreadSafeSingleton(_closed, Factory(pusher.PusherNotifier, pusher_settings), opened)
    channel_authorizer = ThreadSafeSingleton(pusher.PusherChannelAuthorizer, pusher_settings)
    checks = ThreadSafeSingleton(_checks, database, mongo_settings)

    tasks: Provider[Any] = Dependency()
    worker = ThreadSafeSingleton(_worker, celery_app, tasks.provider, celery_settings)
    keeps_money = Call(isinstance, wallet, mongo.MongoWallet)
    create_indexes = Call(mongo.create_indexes, database, mongo_settings, wallet=keeps_money)
