"""The flow, read from a container."""

from __future__ import annotations

from typing import Any

from attrs import field, fields_dict, frozen

from ...adapters.container import Container
from ...core.events import EVENTS, Event
from ...core.names import GOAL_CLASSES
from ...core.receivers.matrix import Row
from .rehearsal import Effects, Notified, rehearse

ROUTES = {
    "trigger_private_session": "POST /sessions/{session_id}/trigger_private",
    "answer_goal": "DELETE /goals/{goal_id}",
    "switch_preset": "PATCH /streams/me/preset/{preset}",
    "wallet_transaction": "POST /notify/wallet/transaction",
}
"""The requests that have effects, by the names of their units."""


@frozen(kw_only=True)
class Unit:
    """A request or a task. ``route`` is None for a task."""

    name: str
    route: str | None = None
    effects: Effects


@frozen(kw_only=True)
class Receiver:
    """``classes`` are the goal classes that it does something for (D22): all of them, some, or none.

    ``classes`` is None for a signal that is not about a goal, and for a host's receiver, whose code the flow does not
    know.
    """

    name: str
    host: bool = False
    classes: tuple[str, ...] | None = None
    effects: Effects = field(factory=Effects)

    def serves(self, goal_classes: tuple[str, ...]) -> str:
        """What to add to its name: whose it is, or the classes that it serves if it does not serve all of them."""
        if self.host:
            return "the host's"
        if self.classes is None or self.classes == goal_classes:
            return ""
        return ", ".join(self.classes) or "returns"


@frozen(kw_only=True)
class Signal:
    """``receivers`` are in the order in which they run."""

    signal: str
    sender: str
    receivers: tuple[Receiver, ...]


@frozen(kw_only=True)
class Flow:
    goal_classes: tuple[str, ...]
    requests: tuple[Unit, ...]
    tasks: tuple[Unit, ...]
    signals: tuple[Signal, ...]

    @property
    def notifications(self) -> tuple[Notified, ...]:
        """Each one once: those of the receivers in their order, then those of the tasks."""
        effects = [receiver.effects for signal in self.signals for receiver in signal.receivers]
        effects += [task.effects for task in self.tasks]
        return tuple(dict.fromkeys(sent for each in effects for sent in each.notifications))


def flow_of(container: Container) -> Flow:
    """The flow of ``container``, a host's own receivers included.

    The container says which receivers there are, in which order and for which classes. A rehearsal in memory shows
    what they do. Builds the container's objects and connects to nothing.
    """
    seen = rehearse()
    signals, matrix = container.signals(), container.matrix()
    added = {_cls for rows in matrix.rows.values() for row in rows for _cls in row.cells} - {*GOAL_CLASSES}
    classes = (*GOAL_CLASSES, *sorted(added))

    def receiver(event: type[Event], row: Row[Any]) -> Receiver:
        served = tuple(_cls for _cls in classes if row.cell(_cls) is not None)
        about_a_goal = "_cls" in fields_dict(event)
        return Receiver(
            name=row.name,
            classes=served if about_a_goal or not served else None,
            effects=seen.get((event.sender, row.name), Effects()),
        )

    def signal(event: type[Event]) -> Signal:
        ours = (receiver(event, row) for row in matrix.rows.get(event, ()))
        hosts = (Receiver(name=name, host=True) for name in signals.hosts_names(event))
        return Signal(signal=event.signal, sender=event.sender, receivers=(*ours, *hosts))

    def unit(name: str, route: str | None = None) -> Unit:
        return Unit(name=name, route=route, effects=seen.get((name,), Effects()))

    return Flow(
        goal_classes=classes,
        requests=tuple(unit(name, route) for name, route in ROUTES.items()),
        tasks=tuple(unit(message.name) for message in container.tasks()),
        signals=tuple(map(signal, EVENTS)),
    )
