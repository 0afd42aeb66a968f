"""The settings of the real adapters, read from ``SHOW_GOAL_*`` variables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from ..core.settings import Settings
from .environment import ConfigurationError, Environment

if TYPE_CHECKING:
    from .celery import CelerySettings

MONGODB = ("mongodb", "mongodb+srv")
LEAST_KEY = 16
"""Characters of a wallet key: a shorter one could be guessed."""
EXTRAS = {"mongo": "pymongo", "celery": "celery", "pusher": "pusher"}


def adapters_from(environ: Mapping[str, str]) -> containers.Container:
    """The adapters that the environment asks for, connected to nothing yet. Raises ConfigurationError."""
    missing = [
        f"{library} is not installed: pip install 'show-goal[{extra}]'"
        for extra, library in EXTRAS.items()
        if find_spec(library) is None
    ]
    if missing:
        raise ConfigurationError(missing)
    return _real_adapters(Environment(environ))


def _real_adapters(read: Environment) -> containers.Container:
    from .celery.app import SCHEMES
    from .mongo import MongoSettings
    from .pusher import PusherSettings
    from .real_adapters import RealAdapters

    defaults = Settings()
    settings = Settings(
        max_ttl=_seconds(read, "MAX_TTL", defaults.max_ttl),
        max_duration=read.number("MAX_DURATION", defaults.max_duration),
        cooldown=_seconds(read, "COOLDOWN", defaults.cooldown, least=0),
        settle_delay=_seconds(read, "SETTLE_DELAY", defaults.settle_delay, least=0),
        eta_horizon=_seconds(read, "ETA_HORIZON", defaults.eta_horizon, least=0),
        sweep_limit=read.number("SWEEP_LIMIT", defaults.sweep_limit),
        tag_prefix=read.text("TAG_PREFIX", defaults.tag_prefix),
    )
    mongo = MongoSettings(
        uri=read.required("MONGODB_URI", "MongoDB, as mongodb://host:27017/?replicaSet=rs0", MONGODB),
        database=read.text("MONGODB_DATABASE", "show_goal"),
        timeout_ms=read.number("MONGODB_TIMEOUT_MS", 1_000),
        sessions=read.text("MONGODB_SESSIONS", "sessions"),
        goals=read.text("MONGODB_GOALS", "goals"),
        users=read.text("MONGODB_USERS", "users"),
        accounts=read.text("MONGODB_ACCOUNTS", "accounts"),
        transactions=read.text("MONGODB_TRANSACTIONS", "transactions"),
        livestream_feed=read.text("MONGODB_LIVESTREAM_FEED", "livestream_feed"),
        tracked_goals=read.text("MONGODB_TRACKED_GOALS", "tracked_goals"),
        pusher_channel_data=read.text("MONGODB_PUSHER_CHANNEL_DATA", "pusher_channel_data"),
        rtc_sources=read.text("MONGODB_RTC_SOURCES", "rtc_sources"),
        dotted_cls=read.flag("MONGODB_DOTTED_CLS", False),
        sharded=read.flag("MONGODB_SHARDED", False),
    )
    broker_url = read.required(
        "BROKER_URL", "RabbitMQ, as amqp://user:password@host:5672//, or Redis, as redis://host:6379/0", SCHEMES
    )
    celery = _celery_settings(read, settings)
    pusher = PusherSettings(
        app_id=read.required("PUSHER_APP_ID", 'as Pusher\'s dashboard shows it under "App Keys"'),
        key=read.required("PUSHER_KEY", 'as Pusher\'s dashboard shows it under "App Keys"'),
        secret=read.required("PUSHER_SECRET", 'as Pusher\'s dashboard shows it under "App Keys"'),
        cluster=read.text("PUSHER_CLUSTER", "") or None,
        host=read.text("PUSHER_HOST", "") or None,
        port=read.number("PUSHER_PORT", 0) or None,
        ssl=read.flag("PUSHER_SSL", True),
    )
    wallet_keys = read.secrets("WALLET_KEYS", least=LEAST_KEY)
    if not read.problems and not mongo.well_formed:
        read.problems.append("SHOW_GOAL_MONGODB_URI is malformed; user and password must be percent-encoded")
    if read.problems:
        raise ConfigurationError(read.problems)
    return RealAdapters(
        settings=providers.Object(settings),
        mongo_settings=providers.Object(mongo),
        celery_settings=providers.Object(celery),
        broker_url=providers.Object(broker_url),
        pusher_settings=providers.Object(pusher),
        wallet_keys=providers.Object(wallet_keys),
    )


def _celery_settings(read: Environment, settings: Settings) -> CelerySettings:
    from .celery import CelerySettings
    from .celery.settings import TASK_NAMES

    names = {name: read.text(f"TASK_{name.upper()}", default) for name, default in TASK_NAMES.items()}
    if len(set(names.values())) < len(names):
        read.problems.append("SHOW_GOAL_TASK_*: two tasks share a name")
        names = {}
    celery = CelerySettings(
        queue=read.text("QUEUE", "show_goal"),
        task_names=names,
        sweep_interval=_seconds(read, "SWEEP_INTERVAL", CelerySettings().sweep_interval),
    )
    if settings.eta_horizon > celery.most_eta_horizon:
        read.problems.append(
            f"SHOW_GOAL_ETA_HORIZON is {settings.eta_horizon.total_seconds():.0f}: it must be at most "
            f"{celery.most_eta_horizon.total_seconds():.0f}, or Redis delivers what still waits a second time"
        )
    return celery


def _seconds(read: Environment, name: str, default: timedelta, *, least: int = 1) -> timedelta:
    return timedelta(seconds=read.number(name, int(default.total_seconds()), least=least))
