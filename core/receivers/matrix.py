"""The matrix of receivers and goal classes. It decides what runs for an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from attrs import evolve, field, frozen

from ..events import Event
from ..signals import Outcome
from .receiver import Receiver, ReceiverPorts

E = TypeVar("E", bound=Event)


@frozen(kw_only=True)
class Row(Generic[E]):
    """One receiver, by its name in traces. ``cells`` says what it does for each goal class.

    ``every`` is called for classes without a cell, a host's classes included, and for events that are not about a goal.
    Without either, the receiver returns: its outcome is SKIPPED (D22).
    """

    name: str
    cells: Mapping[str, Receiver[E]] = field(factory=dict)
    every: Receiver[E] | None = None

    def cell(self, _cls: str | None) -> Receiver[E] | None:
        """What the receiver does for goals of this class; None if it returns."""
        return self.cells.get(_cls or "", self.every)

    def __call__(self, event: E, ports: ReceiverPorts) -> Outcome:
        cell = self.cell(getattr(event, "_cls", None))
        return Outcome.SKIPPED if cell is None else cell(event, ports)


def for_every_class(receiver: Receiver[E]) -> Row[E]:
    return Row(name=receiver.__name__, every=receiver)


def for_classes(receiver: Receiver[E], *classes: str) -> Row[E]:
    return Row(name=receiver.__name__, cells=dict.fromkeys(classes, receiver))


@frozen
class Matrix:
    """The receivers of each event, in order (D21). Immutable: a host makes its own matrix from the library's."""

    rows: Mapping[type[Event], tuple[Row[Any], ...]]

    def with_cell(self, event: type[E], name: str, _cls: str, receiver: Receiver[E]) -> Matrix:
        """Return a matrix with one more cell: for goals of class ``_cls``, the receiver ``name`` calls ``receiver``.

        If the event has no receiver of that name, a new one is added at the end. For an event that is not about a goal,
        pass an empty class.
        """
        rows = self.rows.get(event, ())
        if name not in [row.name for row in rows]:
            rows = (*rows, Row(name=name))
        cells = tuple(evolve(row, cells={**row.cells, _cls: receiver}) if row.name == name else row for row in rows)
        return Matrix({**self.rows, event: cells})
