"""What you may pass to a container, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict, get_type_hints

from blinker import Namespace

from ..core.model import Session
from ..core.receivers.matrix import Matrix
from ..core.rules.host_guards import HostGuard, host_guard_problems
from ..core.rules.settlement import SettlementRule
from ..core.settings import Settings
from ..core.trace import Observer, Trace
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
from .problems import REFUSALS
from .swapping import key_problems, problems_of


class Ports(TypedDict, total=False):
    """What you may swap, by name, with an instance of your own."""

    clock: Clock
    ids: Ids
    sessions: Sessions
    goals: Goals
    passes: Passes
    wallet: Wallet
    pledges: Pledges
    """What joiners were promised (D30). Default: the wallet itself, if it remembers that."""
    books: Books
    """What operators ask of the wallet. Default: the wallet itself, as ours can answer. The flow does not use it."""
    task_queue: TaskQueue
    notifier: Notifier
    channel_authorizer: ChannelAuthorizer
    feed: Feed
    tracker: Tracker
    channel_cache: ChannelCache
    rtc_sources: RtcSources
    sweeps: Sweeps
    keyed_requests: KeyedRequests
    journal: Journal
    """What operators ask of feed and statistics. The flow does not use it."""

    read_session: Callable[[dict[str, Any]], Session] | None
    """Your own function from a session's document to the session, where paths do not do (D49). Only MongoDB uses it."""
    settlement_rule: SettlementRule
    """When an agreed show is settled, and how much of each deposit the streamer gets. Default: ``whole_once_begun``."""
    settings: Settings
    namespace: Namespace
    """Where signals are sent. Pass ``blinker.default_namespace`` and your own receivers hear them (D20)."""
    matrix: Matrix
    """Which receiver does what for which class of goals. Add a class of your own with ``MATRIX.with_cell(...)``."""
    host_guards: list[HostGuard] | tuple[HostGuard, ...]
    """Guards of your own, in order: see :mod:`show_goal.core.rules.host_guards` (D32)."""
    wallet_keys: list[str] | tuple[str, ...]
    """The keys that a wallet may sign its reports with: two while you rotate them. Without keys no report is valid."""
    trace_sink: Callable[[Trace], None]
    """Gets the trace of each request and task when it ends. Default: one line of JSON in the log (D28)."""
    observer: Observer | None
    """Default: OpenTelemetry, if its API is installed. None switches it off."""
    worker: Any
    """What runs the tasks: a MemoryWorker, or the Celery app with the tasks registered."""
    checks: Mapping[str, Callable[[], None]]
    """What must answer before requests may come (``/readyz``), by name. A check raises Unavailable."""


KINDS = get_type_hints(Ports)


def port_problems(ports: Ports) -> list[str]:
    problems = problems_of(ports, KINDS)
    if not any(problem.startswith("wallet_keys") for problem in problems):
        problems += key_problems("wallet_keys", ports.get("wallet_keys", ()))
    if not any(problem.startswith("host_guards") for problem in problems):
        problems += host_guard_problems("host_guards", ports.get("host_guards", ()), [*REFUSALS])
    return problems
