"""Event ``stream.authorized``: a viewer hears, on a channel of their own, that the stream is theirs to see."""

from __future__ import annotations

from collections.abc import Iterable

from ...ports.notifier import Notification
from .. import names
from ..signals import Outcome
from .receiver import ReceiverPorts

CHANNELS_A_CALL = 100
"""The most channels that Pusher takes in one call."""


def authorize(
    ports: ReceiverPorts, goal_id: str, streamer_id: str, viewers: Iterable[str], *, occurrence: str = ""
) -> Outcome:
    """To each viewer's preview channel, many channels a call. ``occurrence`` tells a second time from a repeat."""
    channels = [names.preview_channel(streamer_id, viewer_id) for viewer_id in viewers]
    for first in range(0, len(channels), CHANNELS_A_CALL):
        ports.notifier.notify(
            Notification(
                id=":".join(filter(None, [names.STREAM_AUTHORIZED, goal_id, occurrence])),
                event=names.STREAM_AUTHORIZED,
                channels=channels[first : first + CHANNELS_A_CALL],
                payload={"goal_id": goal_id, "streamer_id": streamer_id},
            )
        )
    return Outcome.RAN


def payers(ports: ReceiverPorts, goal_id: str, escrow_id: str) -> Iterable[str]:
    """Everybody in the goal's breakdown or escrow: money whose progress is still on its way counts as well."""
    goal = ports.goals.get(goal_id)
    paid = [hold.from_user_id for hold in ports.wallet.holds_of(escrow_id)]
    return dict.fromkeys([*(goal.breakdown if goal else ()), *paid])
