"""A receiver: a function of the event and the ports."""

from __future__ import annotations

from typing import Protocol, TypeVar

from attrs import frozen

from ...ports.channel_cache import ChannelCache
from ...ports.clock import Clock
from ...ports.feed import Feed
from ...ports.goals import Goals
from ...ports.notifier import Notifier
from ...ports.passes import Passes
from ...ports.rtc_sources import RtcSources
from ...ports.sessions import Sessions
from ...ports.task_queue import TaskQueue
from ...ports.tracker import Tracker
from ...ports.wallet import Wallet
from ..events import Event
from ..settings import Settings
from ..signals import Outcome, Signals


@frozen(kw_only=True)
class ReceiverPorts:
    """The ports and values that a receiver may use."""

    sessions: Sessions
    goals: Goals
    passes: Passes
    wallet: Wallet
    task_queue: TaskQueue
    notifier: Notifier
    feed: Feed
    tracker: Tracker
    channel_cache: ChannelCache
    rtc_sources: RtcSources
    clock: Clock
    settings: Settings
    signals: Signals


E_contra = TypeVar("E_contra", bound=Event, contravariant=True)


class Receiver(Protocol[E_contra]):
    """Must be idempotent: the same event may come again (D19). The matrix says for which goal classes it is called. It
    returns SKIPPED if there was nothing to do (D22)."""

    __name__: str

    def __call__(self, event: E_contra, ports: ReceiverPorts) -> Outcome: ...
