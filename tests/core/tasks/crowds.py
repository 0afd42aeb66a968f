"""A platform whose goal has a crowd: more viewers than are read at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from attrs import evolve

from show_goal.adapters.memory import MemoryNotifier
from show_goal.core.crowd import PART
from show_goal.core.messages import SettleEscrow
from show_goal.core.money import HoldState
from show_goal.core.names import preview_channel
from show_goal.ports.errors import NotificationRefused
from show_goal.ports.notifier import Notification
from tests.builders import GOAL, NOW, STREAMER, a_goal, a_hold
from tests.world import World

MANY = PART * 2 + 50
DELAY = timedelta(seconds=60)
PAYERS = [f"payer {number:03}" for number in range(MANY)]
SECOND = timedelta(seconds=1)
REFUNDED = {HoldState.REFUNDED: MANY}
EVERYBODY = Counter(a_hold(viewer_id=payer).transaction_id for payer in PAYERS)
"""Each of their transactions, once."""


class Particular(MemoryNotifier):
    """Takes no channel whose name has a bar, as Pusher."""

    def notify(self, notification: Notification) -> None:
        odd = [channel for channel in notification.channels if "|" in channel]
        taken = [channel for channel in notification.channels if channel not in odd]
        super().notify(evolve(notification, channels=taken))
        if odd:
            raise NotificationRefused("a bar", odd)


def a_crowd(payers: list[str] = PAYERS, **replaced: Any) -> World:
    """GOAL is ongoing, and each of the payers has 90 in its escrow."""
    world = World.make(**replaced)
    world.goals.insert(a_goal())
    for payer in payers:
        world.wallet.credit(payer, 100)
        world.wallet.hold(a_hold(viewer_id=payer))
    return world


def an_ended_crowd() -> World:
    """Its goal has ended without an agreement, and its settlement is due."""
    world = a_crowd()
    world.goals.end(GOAL, NOW)
    world.clock.advance(DELAY)
    return world


def told(world: World, notifier: MemoryNotifier | None = None) -> Counter[str]:
    """How often ``stream.authorized`` was sent to each channel."""
    sent = (notifier or world.notifier).notifications
    return Counter(channel for one in sent if one.event == "stream.authorized" for channel in one.channels)


def channels_of(viewers: list[str]) -> Counter[str]:
    return Counter(preview_channel(STREAMER, viewer_id) for viewer_id in viewers)


def states(world: World) -> Counter[HoldState]:
    return Counter(hold.state for hold in world.wallet.holds())


def pages(world: World) -> list[SettleEscrow]:
    """Without the message that only tells the streamer."""
    asked = [message for message in world.messages() if isinstance(message, SettleEscrow)]
    return [message for message in asked if message.transactions != []]


def reported(world: World) -> Counter[str]:
    """Counts the reports of each transaction from now on."""
    heard = Counter[str]()

    def hear(_: str, *, transaction_id: str, **__: object) -> None:
        heard[transaction_id] += 1

    world.container.namespace().signal("user").connect(hear, sender="balance.incremented", weak=False)
    return heard


def before(port: object, method: str, happens: Callable[..., object]) -> None:
    """Let something happen before each call of a port's method, with its arguments."""
    call = getattr(port, method)

    def with_it(*args: Any, **kwargs: Any) -> Any:
        happens(*args)
        return call(*args, **kwargs)

    setattr(port, method, with_it)
