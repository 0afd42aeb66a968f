"""MongoDB, Celery and Pusher, wired to one another. Nothing connects before its first use: it may fork first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from celery import Celery
from dependency_injector import containers, providers
from pymongo.database import Database

from ..core.messages import Message
from ..core.settings import Settings
from . import celery, mongo, pusher
from .clock import SystemClock


def _checks(database: Database[dict[str, Any]], settings: mongo.MongoSettings) -> Mapping[str, Callable[[], None]]:
    """The store alone: with the broker down a request answers 503 by itself, and with Pusher down nothing is amiss."""
    return {"mongodb": lambda: mongo.ping(database, settings)}


def _keeps_money(wallet: object) -> bool:
    return isinstance(wallet, mongo.MongoWallet)


def _app_with_tasks(
    app: Celery, tasks: Callable[[], Mapping[type[Message], Callable[..., object]]], settings: celery.CelerySettings
) -> Celery:
    celery.register_tasks(app, tasks, settings)
    celery.schedule_sweeps(app, settings)  # for `worker --beat`, or a host's `celery beat`
    return app


class RealAdapters(containers.DeclarativeContainer):
    settings: providers.Provider[Any] = providers.Dependency(default=Settings())
    mongo_settings: providers.Provider[Any] = providers.Dependency()
    celery_settings: providers.Provider[Any] = providers.Dependency()
    broker_url: providers.Provider[Any] = providers.Dependency(default="")  # a host's own app knows where it goes
    pusher_settings: providers.Provider[Any] = providers.Dependency()
    wallet_keys: providers.Provider[Any] = providers.Dependency(default=providers.Object(()))
    tasks: providers.Provider[Any] = providers.Dependency()

    database = providers.ThreadSafeSingleton(mongo.connect, mongo_settings)
    celery_app = providers.ThreadSafeSingleton(celery.make_app, broker_url, celery_settings)

    clock = providers.ThreadSafeSingleton(SystemClock)
    ids = providers.ThreadSafeSingleton(mongo.MongoIds)
    sessions = providers.ThreadSafeSingleton(mongo.MongoSessions, database, mongo_settings)
    goals = providers.ThreadSafeSingleton(mongo.MongoGoals, database, mongo_settings)
    viewers = providers.ThreadSafeSingleton(mongo.MongoViewers, database, mongo_settings)
    wallet = providers.ThreadSafeSingleton(mongo.MongoWallet, database, mongo_settings)
    feed = providers.ThreadSafeSingleton(mongo.MongoFeed, database, mongo_settings)
    tracker = providers.ThreadSafeSingleton(mongo.MongoTracker, database, mongo_settings)
    channel_cache = providers.ThreadSafeSingleton(mongo.MongoChannelCache, database, mongo_settings)
    rtc_sources = providers.ThreadSafeSingleton(mongo.MongoRtcSources, database, mongo_settings)
    task_queue = providers.ThreadSafeSingleton(celery.CeleryTaskQueue, celery_app, celery_settings)
    notifier = providers.ThreadSafeSingleton(pusher.PusherNotifier, pusher_settings)
    channel_authorizer = providers.ThreadSafeSingleton(pusher.PusherChannelAuthorizer, pusher_settings)
    worker = providers.ThreadSafeSingleton(_app_with_tasks, celery_app, tasks.provider, celery_settings)
    create_indexes = providers.Callable(
        mongo.create_indexes, database, mongo_settings, wallet=providers.Callable(_keeps_money, wallet)
    )
    checks = providers.ThreadSafeSingleton(_checks, database, mongo_settings)
