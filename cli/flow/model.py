"""What there is to draw."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Notified:
    """An event that browsers hear, and the channels' names, with ``{streamer_id}`` and ``{viewer_id}`` in them."""

    event: str
    channels: tuple[str, ...]


@frozen(kw_only=True)
class Doing:
    """What something sets off: tasks, senders of signals, notifications."""

    tasks: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    notifications: tuple[Notified, ...] = ()


@frozen(kw_only=True)
class Unit:
    """A request, or a task. ``route`` is None for a task."""

    name: str
    route: str | None = None
    does: Doing


@frozen(kw_only=True)
class Receiver:
    """``classes`` are the goals for which it has an effect: all of ``Flow.goal_classes``, some, or none (D22).

    ``classes`` is None where the signal is about no goal, and for a host's receiver, of which nothing is known but that
    it hears.
    """

    name: str
    host: bool = False
    classes: tuple[str, ...] | None = None
    does: Doing = Doing()

    @property
    def returns(self) -> bool:
        """Whether it has no effect for any goal."""
        return self.classes == ()

    def serves(self, goal_classes: tuple[str, ...]) -> str:
        """The goals that it is for, in words; nothing where that goes without saying: all that there are."""
        if self.host:
            return "the host's"
        if self.classes is None or self.classes == goal_classes:
            return ""
        return ", ".join(self.classes) or "returns"


@frozen(kw_only=True)
class Signal:
    """``receivers`` in the order in which they run."""

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
    def units(self) -> tuple[Unit, ...]:
        return (*self.requests, *self.tasks)

    @property
    def notifications(self) -> tuple[Notified, ...]:
        """Each once, in the order in which they are met."""
        receivers = [receiver for signal in self.signals for receiver in signal.receivers]
        return tuple(dict.fromkeys(told for receiver in receivers for told in receiver.does.notifications))
