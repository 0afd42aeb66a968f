"""Reading the flow from a live container."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import fields

from ...adapters.container import Container
from ...core.events import EVENTS, Event
from ...core.messages import Message
from ...core.names import GOAL_CLASSES
from ...core.receivers.matrix import Row
from .model import Doing, Flow, Receiver, Signal, Unit
from .rehearsal import Rehearsal, rehearse

ROUTES = {
    "trigger_private_session": "POST /sessions/{session_id}/trigger_private",
    "answer_goal": "DELETE /goals/{goal_id}",
    "switch_preset": "PATCH /streams/me/preset/{preset}",
    "wallet_transaction": "POST /notify/wallet/transaction",
}
"""The requests that set something off, by their units."""


def flow_of(container: Container) -> Flow:
    """Who hears what, for which class, is the container's, its host's receivers included; what they set off is seen at
    a rehearsal.

    Builds what the container has, and connects to nothing.
    """
    seen = rehearse()
    signals, matrix = container.signals(), container.matrix()
    kinds: list[type[Message]] = list(container.tasks())
    hosts = sorted({_cls for rows in matrix.rows.values() for row in rows for _cls in row.cells} - {*GOAL_CLASSES})
    classes = (*GOAL_CLASSES, *hosts)
    return Flow(
        goal_classes=classes,
        requests=tuple(_unit(name, seen, route) for name, route in ROUTES.items()),
        tasks=tuple(_unit(kind.name, seen) for kind in kinds),
        signals=tuple(
            _signal(event, matrix.rows.get(event, ()), signals.hosts_names(event), classes, seen) for event in EVENTS
        ),
    )


def _unit(name: str, seen: Rehearsal, route: str | None = None) -> Unit:
    return Unit(name=name, route=route, does=seen.units.get(name, Doing()))


def _signal(
    event: type[Event], rows: Sequence[Row[Any]], hosts: tuple[str, ...], classes: Sequence[str], seen: Rehearsal
) -> Signal:
    return Signal(
        signal=event.signal,
        sender=event.sender,
        receivers=(
            *(_receiver(event, row, classes, seen) for row in rows),
            *(Receiver(name=name, host=True) for name in hosts),
        ),
    )


def _receiver(event: type[Event], row: Row[Any], classes: Sequence[str], seen: Rehearsal) -> Receiver:
    served = tuple(_cls for _cls in classes if row.cell(_cls) is not None)
    of_no_goal = "_cls" not in {attribute.name for attribute in fields(event)}
    return Receiver(
        name=row.name,
        classes=None if of_no_goal and served else served,
        does=seen.receivers.get((event.sender, row.name), Doing()),
    )
