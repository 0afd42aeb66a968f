"""The container: which adapter fills which port. Only this module knows all of them.

It imports adapters when a classmethod needs them, so that a host without MongoDB needs no MongoDB driver.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, cast

from attrs import fields
from blinker import Namespace
from dependency_injector import containers, providers
from dependency_injector.providers import Object, Provider, ThreadSafeSingleton

from ..core.messages import (
    AdmitViewers,
    AnnounceProgress,
    CreateGoal,
    DeactivateGoal,
    IncrementGoalProgress,
    SettleEscrow,
    Sweep,
    Transfer,
)
from ..core.model import Session
from ..core.operators.acting import EndGoal, RefundHold
from ..core.operators.forgetting import ForgetUser
from ..core.operators.overlong import Overlong
from ..core.operators.own_money import MoneyElsewhere
from ..core.operators.why import ExplainMoney
from ..core.receivers.matrix import Matrix
from ..core.receivers.receiver import ReceiverPorts
from ..core.receivers.registry import connect_receivers
from ..core.requests.admission import Admission
from ..core.requests.answer_goal import AnswerGoal
from ..core.requests.authorize_channel import AuthorizeChannel
from ..core.requests.once import Once
from ..core.requests.switch_preset import SwitchPreset
from ..core.requests.trigger_private import TriggerPrivateSession
from ..core.requests.views import PreviewTriggerPrivate, ViewGoal
from ..core.requests.wallet_transaction import WalletTransaction
from ..core.rules.host_guards import HostGuard
from ..core.rules.settlement import SettlementRule
from ..core.settings import Settings
from ..core.showing import Showing
from ..core.signals import Signals
from ..core.tasks.admit_viewers import AdmitViewersTask
from ..core.tasks.announce_progress import AnnounceProgressTask
from ..core.tasks.closing import Closing
from ..core.tasks.create_goal import CreateGoalTask
from ..core.tasks.deactivate_goal import DeactivateGoalTask
from ..core.tasks.deciding import Deciding
from ..core.tasks.emptying import Emptying
from ..core.tasks.increment_goal_progress import IncrementGoalProgressTask
from ..core.tasks.moving import Moving
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
from ..ports.journal import Journal
from ..ports.keyed_requests import KeyedRequests
from ..ports.notifier import Notifier
from ..ports.passes import Passes
from ..ports.pledges import Pledges
from ..ports.rtc_sources import RtcSources
from ..ports.sessions import Sessions
from ..ports.sweeps import Sweeps
from ..ports.task_queue import TaskQueue
from ..ports.tracker import Tracker
from ..ports.wallet import Wallet
from .defaults import defaults
from .environment import ConfigurationError, adapters_from
from .no_pledges import pledges_of
from .swappable import KINDS, Ports, port_problems
from .swapping import problems_of
from .traced import TRACED
from .whole_rule import rule_for

if TYPE_CHECKING:
    from celery import Celery
    from pymongo.database import Database

    from .celery import CelerySettings
    from .mongo import MongoSettings
    from .pusher import PusherSettings
    from .real_adapters import RealAdapters

T = TypeVar("T")


class Container(containers.DynamicContainer):
    """``Container.in_memory()``, ``from_env()``, ``from_settings()``, or ``Container(clock=..., ...)`` by hand.

    Swap any of :class:`Ports` by name: ``Container.in_memory(notifier=MyNotifier())``. Everything that does not fit is
    reported in one ConfigurationError. Each attribute is a provider: ``container.wallet()`` returns the one wallet of
    this container. Close the container, or use it in a ``with`` statement, when your process outlives it.
    """

    clock: Provider[Clock]
    ids: Provider[Ids]
    sessions: Provider[Sessions]
    goals: Provider[Goals]
    passes: Provider[Passes]
    wallet: Provider[Wallet]
    pledges: Provider[Pledges]
    books: Provider[Books]
    task_queue: Provider[TaskQueue]
    notifier: Provider[Notifier]
    channel_authorizer: Provider[ChannelAuthorizer]
    feed: Provider[Feed]
    tracker: Provider[Tracker]
    channel_cache: Provider[ChannelCache]
    rtc_sources: Provider[RtcSources]
    sweeps: Provider[Sweeps]
    keyed_requests: Provider[KeyedRequests]
    journal: Provider[Journal]
    read_session: Provider[Callable[[dict[str, Any]], Session] | None]
    settlement_rule: Provider[SettlementRule]
    settings: Provider[Settings]
    namespace: Provider[Namespace]
    matrix: Provider[Matrix]
    host_guards: Provider[list[HostGuard] | tuple[HostGuard, ...]]
    wallet_keys: Provider[list[str] | tuple[str, ...]]
    trace_sink: Provider[Callable[[Trace], None]]
    observer: Provider[Observer | None]
    worker: Provider[Any]
    checks: Provider[Mapping[str, Callable[[], None]]]
    create_indexes: Provider[None]
    """Call it once before the first request: two promises need unique indexes. Safe to repeat."""

    def __init__(self, others: containers.Container | None = None, /, **adapters: Unpack[Ports]) -> None:
        """Fill the ports with ``adapters``, and the rest from ``others``. Raises ConfigurationError."""
        super().__init__()
        _refuse(port_problems(adapters))
        filled = {**defaults(), **({} if others is None else others.providers)}
        filled |= {name: Object(adapter) for name, adapter in adapters.items()}
        wallet = filled.get("wallet", providers.Dependency())
        filled.setdefault("books", wallet)
        filled.setdefault("pledges", providers.Callable(pledges_of, wallet))
        _refuse([f"{name} is missing" for name in KINDS if name not in filled])
        self.set_providers(**{name: filled[name] for name in (*KINDS, "create_indexes")})
        self.real: RealAdapters | None = None  # None: the container uses no servers that it knows
        self._opened = ExitStack()
        self._traced = {name: ThreadSafeSingleton(wrap, filled[name]) for name, wrap in TRACED.items()}
        self._wire()

    def _wire(self) -> None:
        self.tracer = ThreadSafeSingleton(Tracer, sink=self.trace_sink, observer=self.observer)
        signals = ThreadSafeSingleton(Signals, self.namespace)
        ports = self._one(ReceiverPorts, signals=signals)
        self.signals = ThreadSafeSingleton(self._connected, signals, ports, self.matrix)

        rule = ThreadSafeSingleton(rule_for, self.settlement_rule, self.wallet)
        self.showing = self._one(Showing, rule=rule)
        self.deactivate_goal = self._one(DeactivateGoalTask)
        self.create_goal = self._one(CreateGoalTask)
        self.increment_goal_progress = self._one(IncrementGoalProgressTask)
        self.transfer = self._one(TransferTask)
        self.deciding = self._one(Deciding)
        self.moving = self._one(Moving)
        self.settle_escrow = self._one(SettleEscrowTask)
        self.announce_progress = self._one(AnnounceProgressTask)
        self.emptying = self._one(Emptying)
        self.closing = self._one(Closing)
        self.admit_viewers = self._one(AdmitViewersTask)
        self.sweep = self._one(SweepTask)
        self.tasks = providers.Dict(
            {
                CreateGoal: self.create_goal,
                Transfer: self.transfer,
                DeactivateGoal: self.deactivate_goal,
                IncrementGoalProgress: self.increment_goal_progress,
                AnnounceProgress: self.announce_progress,
                AdmitViewers: self.admit_viewers,
                SettleEscrow: self.settle_escrow,
                Sweep: self.sweep,
            }
        )

        self.admission = self._one(Admission)
        self.once = self._one(Once)
        self.trigger_private_session = self._one(TriggerPrivateSession)
        self.answer_goal = self._one(AnswerGoal)
        self.switch_preset = self._one(SwitchPreset)
        self.wallet_transaction = self._one(WalletTransaction)
        self.preview_trigger_private = self._one(PreviewTriggerPrivate)
        self.view_goal = self._one(ViewGoal)
        self.authorize_channel = self._one(AuthorizeChannel)

        self.overlong = self._one(Overlong, rule=rule)
        self.explain_money = self._one(ExplainMoney)
        self.money_elsewhere = self._one(MoneyElsewhere)
        self.end_goal = self._one(EndGoal)
        self.refund_hold = self._one(RefundHold)
        self.forget_user = self._one(ForgetUser)

    def _one(self, kind: type[T], **given: Provider[Any]) -> Provider[T]:
        """The one instance of an attrs class, made from the providers that its fields are named after."""
        known = {**self.providers, **self._traced, **given}
        asked = [field.name for field in fields(cast(Any, kind))]
        return ThreadSafeSingleton(kind, **{name: known[name] for name in asked})

    def _connected(self, signals: Signals, ports: ReceiverPorts, matrix: Matrix) -> Signals:
        connect_receivers(signals, ports, matrix)
        self._opened.callback(signals.disconnect)
        return signals

    def close(self) -> None:
        """Close the connections that this container opened, and disconnect its receivers. Safe to repeat.

        What you passed, such as a database or a task queue, stays open. Do not use the container afterwards.
        """
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def __deepcopy__(self, memo: object) -> Self:
        """A declarative container of yours copies what it holds. The copy holds this platform, not a second one."""
        return self

    @classmethod
    def in_memory(cls, **adapters: Unpack[Ports]) -> Self:
        """Every port in memory, except those that you pass. Raises ConfigurationError."""
        from . import in_memory, memory

        _refuse(port_problems(adapters))
        container = cls(**(in_memory.ports(adapters) | adapters))
        if "worker" not in adapters:
            of = container.task_queue, container.tasks, container.clock
            container.worker = ThreadSafeSingleton(memory.MemoryWorker, *of)
        return container

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **adapters: Unpack[Ports]) -> Self:
        """MongoDB, Celery and Pusher as the ``SHOW_GOAL_*`` variables say. Connects to nothing yet.

        Raises ConfigurationError, which names every variable that is missing or invalid, every extra that is not
        installed, and every adapter that does not fit.
        """
        return cls._on(adapters_from(environ, port_problems(adapters)), adapters)

    @classmethod
    def from_settings(
        cls,
        *,
        mongo: MongoSettings,
        celery: CelerySettings,
        celery_app: Celery,
        pusher: PusherSettings,
        database: Database[dict[str, Any]] | None = None,
        **adapters: Unpack[Ports],
    ) -> Self:
        """MongoDB, Pusher and your own Celery app, with your own settings. Connects to nothing yet.

        ``container.worker()`` registers the tasks and the sweeps on ``celery_app``: call it once, and not in tests.
        Pass a ``database`` that you have opened to share its connections. You close it. Without it, ``mongo.uri`` and
        ``mongo.database`` say where it is. Raises ConfigurationError.
        """
        from . import real_adapters

        given = {"mongo": mongo, "celery": celery, "celery_app": celery_app, "pusher": pusher}
        _refuse([*problems_of(given, real_adapters.KINDS), *port_problems(adapters)])
        shared = {} if database is None else {"database": database}
        real = real_adapters.RealAdapters(
            mongo_settings=mongo, celery_settings=celery, celery_app=celery_app, pusher_settings=pusher, **shared
        )
        return cls._on(real, adapters)

    @classmethod
    def _on(cls, real: RealAdapters, adapters: Ports) -> Self:
        for name, adapter in adapters.items():
            if name in real.providers:
                real.providers[name].override(Object(adapter))
        container = cls(real, **adapters)
        container.real = real
        real.tasks.override(container.tasks)
        container._opened.callback(real.opened().close)
        return container


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ConfigurationError(problems)
