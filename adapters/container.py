"""The composition root: which adapter answers which port. Nothing else knows all of them.

The ports are holes that a host fills; what stands on them is wired here once. Adapters are imported by the
class methods alone, so that a host which uses no MongoDB needs no MongoDB driver.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from blinker import Namespace
from dependency_injector import containers, providers

from ..core.messages import CreateGoal, DeactivateGoal, IncrementGoalProgress, SettleEscrow, Sweep, Transfer
from ..core.receivers.matrix import Matrix
from ..core.receivers.receiver import ReceiverPorts
from ..core.receivers.registry import MATRIX, connect_receivers
from ..core.requests.admission import Admission
from ..core.requests.answer_goal import AnswerGoal
from ..core.requests.authorize_channel import AuthorizeChannel
from ..core.requests.switch_preset import SwitchPreset
from ..core.requests.trigger_private import TriggerPrivateSession
from ..core.requests.views import PreviewTriggerPrivate, ViewGoal
from ..core.requests.wallet_transaction import WalletTransaction
from ..core.settings import Settings
from ..core.signals import Signals
from ..core.tasks.create_goal import CreateGoalTask
from ..core.tasks.deactivate_goal import DeactivateGoalTask
from ..core.tasks.increment_goal_progress import IncrementGoalProgressTask
from ..core.tasks.settle_escrow import SettleEscrowTask
from ..core.tasks.sweep import SweepTask
from ..core.tasks.transfer import TransferTask
from ..core.trace import Observer, Trace, Tracer
from ..ports.books import Books
from ..ports.channel_authorizer import ChannelAuthorizer
from ..ports.channel_cache import ChannelCache
from ..ports.clock import Clock
from ..ports.feed import Feed
from ..ports.goals import Goals
from ..ports.ids import Ids
from ..ports.notifier import Notifier
from ..ports.rtc_sources import RtcSources
from ..ports.sessions import Sessions
from ..ports.task_queue import TaskQueue
from ..ports.tracker import Tracker
from ..ports.viewers import Viewers
from ..ports.wallet import Wallet
from .trace_log import log_trace
from .traced import TracedNotifier, TracedTaskQueue, TracedWallet

if TYPE_CHECKING:
    from celery import Celery
    from pymongo.database import Database

    from .celery import CelerySettings
    from .mongo import MongoSettings
    from .pusher import PusherSettings


def _connected_signals(namespace: Namespace, matrix: Matrix, **ports: Any) -> Signals:
    signals = Signals(namespace)
    connect_receivers(signals, ReceiverPorts(signals=signals, **ports), matrix)
    return signals


def _hole(**default: Any) -> Any:
    """A port that somebody must fill. Untyped, as ``Dependency`` wants a class and a port is a protocol."""
    return providers.Dependency(**default)


def _observer() -> Observer | None:
    """OpenTelemetry where its API is installed. Without its SDK nothing comes of it, and without either, nothing is."""
    try:
        from .telemetry import OpenTelemetryObserver
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "opentelemetry":
            raise
        return None
    return OpenTelemetryObserver()


def _nothing() -> None:
    """In memory there is nothing to prepare."""


class Container(containers.DeclarativeContainer):
    """``Container.in_memory()``, ``from_env()``, ``from_settings()``, or ``Container(clock=..., ...)`` by hand.

    Every port can be replaced by name: ``Container.in_memory(notifier=MyNotifier())``. Replace before the first use:
    what was built already keeps what it was built with.
    """

    settings: providers.Provider[Settings] = providers.Dependency(instance_of=Settings, default=Settings())
    namespace: providers.Provider[Namespace] = providers.Dependency(
        instance_of=Namespace, default=providers.ThreadSafeSingleton(Namespace)
    )
    """A host that wants its own receivers to hear hands over ``blinker.default_namespace`` (D20)."""
    trace_sink: providers.Provider[Callable[[Trace], None]] = _hole(default=providers.Object(log_trace))

    observer: providers.Provider[Observer | None] = _hole(default=providers.ThreadSafeSingleton(_observer))
    """``None`` switches telemetry off where OpenTelemetry is installed."""

    clock: providers.Provider[Clock] = _hole()
    ids: providers.Provider[Ids] = _hole()
    sessions: providers.Provider[Sessions] = _hole()
    goals: providers.Provider[Goals] = _hole()
    viewers: providers.Provider[Viewers] = _hole()
    wallet: providers.Provider[Wallet] = _hole()
    books: providers.Provider[Books] = _hole(default=wallet)
    """What operators ask of the wallet: ours answers itself. The flow works without."""
    task_queue: providers.Provider[TaskQueue] = _hole()
    notifier: providers.Provider[Notifier] = _hole()
    channel_authorizer: providers.Provider[ChannelAuthorizer] = _hole()
    feed: providers.Provider[Feed] = _hole()
    tracker: providers.Provider[Tracker] = _hole()
    channel_cache: providers.Provider[ChannelCache] = _hole()
    rtc_sources: providers.Provider[RtcSources] = _hole()
    matrix: providers.Provider[Matrix] = _hole(default=providers.Object(MATRIX))
    """Which receiver does what for which class of goals. A host adds to it: ``MATRIX.with_cell(...)`` (N9)."""

    tracer = providers.ThreadSafeSingleton(Tracer, sink=trace_sink, observer=observer)
    # What use cases and receivers get: the same ports, recorded in the trace.
    traced_wallet = providers.ThreadSafeSingleton(TracedWallet, wallet)
    traced_task_queue = providers.ThreadSafeSingleton(TracedTaskQueue, task_queue)
    traced_notifier = providers.ThreadSafeSingleton(TracedNotifier, notifier)
    signals = providers.ThreadSafeSingleton(
        _connected_signals,
        namespace,
        matrix,
        sessions=sessions,
        goals=goals,
        wallet=traced_wallet,
        task_queue=traced_task_queue,
        notifier=traced_notifier,
        feed=feed,
        tracker=tracker,
        channel_cache=channel_cache,
        rtc_sources=rtc_sources,
        clock=clock,
        settings=settings,
    )
    deactivate_goal = providers.ThreadSafeSingleton(
        DeactivateGoalTask,
        goals=goals,
        signals=signals,
        task_queue=traced_task_queue,
        clock=clock,
        settings=settings,
        tracer=tracer,
    )
    create_goal = providers.ThreadSafeSingleton(
        CreateGoalTask, goals=goals, signals=signals, clock=clock, deactivate_goal=deactivate_goal, tracer=tracer
    )
    transfer = providers.ThreadSafeSingleton(
        TransferTask,
        goals=goals,
        sessions=sessions,
        wallet=traced_wallet,
        signals=signals,
        task_queue=traced_task_queue,
        clock=clock,
        tracer=tracer,
    )
    increment_goal_progress = providers.ThreadSafeSingleton(
        IncrementGoalProgressTask, goals=goals, signals=signals, tracer=tracer
    )
    settle_escrow = providers.ThreadSafeSingleton(
        SettleEscrowTask,
        goals=goals,
        sessions=sessions,
        wallet=traced_wallet,
        signals=signals,
        task_queue=traced_task_queue,
        clock=clock,
        settings=settings,
        tracer=tracer,
    )
    sweep = providers.ThreadSafeSingleton(
        SweepTask,
        sessions=sessions,
        goals=goals,
        wallet=traced_wallet,
        task_queue=traced_task_queue,
        signals=signals,
        deactivate_goal=deactivate_goal,
        settle_escrow=settle_escrow,
        clock=clock,
        settings=settings,
        tracer=tracer,
    )
    admission = providers.ThreadSafeSingleton(Admission, wallet=traced_wallet, settings=settings)
    trigger_private_session = providers.ThreadSafeSingleton(
        TriggerPrivateSession,
        sessions=sessions,
        goals=goals,
        admission=admission,
        task_queue=traced_task_queue,
        clock=clock,
        ids=ids,
        settings=settings,
        tracer=tracer,
    )
    answer_goal = providers.ThreadSafeSingleton(
        AnswerGoal, goals=goals, task_queue=traced_task_queue, clock=clock, tracer=tracer
    )
    switch_preset = providers.ThreadSafeSingleton(SwitchPreset, sessions=sessions, signals=signals, tracer=tracer)
    wallet_transaction = providers.ThreadSafeSingleton(WalletTransaction, signals=signals, clock=clock, tracer=tracer)
    preview_trigger_private = providers.ThreadSafeSingleton(
        PreviewTriggerPrivate,
        sessions=sessions,
        admission=admission,
        clock=clock,
        settings=settings,
        tracer=tracer,
    )
    view_goal = providers.ThreadSafeSingleton(ViewGoal, goals=goals, wallet=traced_wallet, tracer=tracer)
    authorize_channel = providers.ThreadSafeSingleton(
        AuthorizeChannel, channel_authorizer=channel_authorizer, tracer=tracer
    )
    wallet_keys: providers.Provider[Sequence[str]] = _hole(default=providers.Object(()))
    """The keys that a wallet may sign its reports with; two while they are rotated. Without any, none is believed."""
    tasks = providers.Dict(
        {
            CreateGoal: create_goal,
            Transfer: transfer,
            DeactivateGoal: deactivate_goal,
            IncrementGoalProgress: increment_goal_progress,
            SettleEscrow: settle_escrow,
            Sweep: sweep,
        }
    )
    worker: providers.Provider[Any] = _hole()
    """What runs the tasks: a MemoryWorker, or the Celery app with the tasks registered."""
    create_indexes: providers.Provider[None] = _hole(default=providers.Callable(_nothing))
    """Call it once before the first request: two of the promises rest on unique indexes. Idempotent."""
    checks: providers.Provider[Mapping[str, Callable[[], None]]] = _hole(default=providers.Object({}))
    """What must answer before requests may come, by name; a check raises Unavailable."""

    @classmethod
    def in_memory(cls, **adapters: Any) -> Container:
        """Every port in memory; ``adapters`` replaces some by name, with an object or a provider."""
        from .in_memory import InMemoryAdapters

        return cls._of(InMemoryAdapters(), adapters)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **adapters: Any) -> Container:
        """MongoDB, Celery and Pusher as the ``SHOW_GOAL_*`` variables say; connects to nothing yet.

        Raises ConfigurationError, which names every variable that is missing or malformed and every extra that is not
        installed.
        """
        from .from_env import adapters_from

        return cls._of(adapters_from(environ), adapters)

    @classmethod
    def from_settings(
        cls,
        *,
        mongo: MongoSettings,
        celery: CelerySettings,
        celery_app: Celery,
        pusher: PusherSettings,
        database: Database[dict[str, Any]] | None = None,
        **adapters: Any,
    ) -> Container:
        """MongoDB, Pusher and a host's own Celery app, for a host with settings of its own; connects to nothing yet.

        ``container.worker()`` puts the tasks and the sweeps on ``celery_app``: once, and not for the containers of
        tests. A ``database`` that the host has open already is used as it is, and closed by the host; otherwise
        ``mongo.uri`` and ``mongo.database`` say where it is. By name, beside the ports: ``settings``, ``namespace``,
        ``wallet_keys``.
        """
        from .real_adapters import RealAdapters

        given = {
            "mongo_settings": mongo,
            "celery_settings": celery,
            "celery_app": celery_app,
            "pusher_settings": pusher,
        }
        if database is not None:
            given["database"] = database
        return cls._of(RealAdapters(**{name: providers.Object(value) for name, value in given.items()}), adapters)

    @classmethod
    def _of(cls, adapters: containers.Container, replaced: Mapping[str, Any]) -> Container:
        for name in replaced.keys() & adapters.providers.keys():
            adapters.providers[name].override(replaced[name])
        answers = {
            name: adapters.providers[name] for name in adapters.providers.keys() & cls.providers.keys() - {"tasks"}
        }
        container = cls(**{**answers, **replaced})
        adapters.providers["tasks"].override(container.tasks)  # the worker runs what stands on the ports
        container.check_dependencies()
        return container
