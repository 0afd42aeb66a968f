"""The messages that ask for a task, with exactly the seed's arguments (D1, D3).

Each begins with ``goal_id``, which the request allocates before any task runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from attrs import field, fields, frozen

HEADER = "header"
"""Field metadata: the value travels as a message header, not as an argument."""


@frozen(kw_only=True)
class Message:
    """Asks a worker to run one task. It may arrive twice, late or out of order (D19).

    ``name`` is the name of the task; an adapter may publish it under a longer one.
    """

    name: ClassVar[str]
    _arguments: ClassVar[Sequence[tuple[str, object]]]
    """Name and default of each."""
    _headers: ClassVar[Sequence[str]]

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        attributes = fields(cls)
        cls._arguments = [(each.name, each.default) for each in attributes if HEADER not in each.metadata]
        cls._headers = [each.name for each in attributes if HEADER in each.metadata]

    def arguments(self) -> dict[str, object]:
        """The keyword arguments of the task, without those that have their default value."""
        return {name: value for name, default in self._arguments if (value := getattr(self, name)) is not default}

    def headers(self) -> dict[str, object]:
        """The values that travel as headers, without those that are not set."""
        return {name: value for name in self._headers if (value := getattr(self, name)) is not None}


@frozen(kw_only=True)
class CreateGoal(Message):
    name = "create_goal"

    goal_id: str
    active: bool
    _cls: str = field(alias="_cls")
    conditions: Mapping[str, object]
    levels: Sequence[object]
    context: Mapping[str, object]
    metadata: Mapping[str, object]
    exp: datetime | None
    nbf: datetime | None = None


@frozen(kw_only=True)
class Transfer(Message):
    """Moves money from the viewer into the goal's escrow. ``amount`` is in the smallest unit (D17).

    ``duration`` (seconds) is what the amount pays for (D16). ``session_id`` is the goal's session. ``asked_exp`` is the
    exp of this viewer's own invitation, in Unix time (D29). The seed's ``transfer`` has no such arguments, so they are
    headers: a host's own ``transfer`` task need not know them.
    """

    name = "transfer"

    goal_id: str
    transaction_id: str
    from_user_id: str
    to_user_id: str
    amount: int
    tags: Sequence[str]
    escrow_id: str
    duration: int | None = field(default=None, metadata={HEADER: True})
    session_id: str | None = field(default=None, metadata={HEADER: True})
    asked_exp: int | None = field(default=None, metadata={HEADER: True})


@frozen(kw_only=True)
class DeactivateGoal(Message):
    """Ends the goal: when ``exp`` has passed, or at once without an ``exp`` (D26).

    An answer also has ``triggerer`` (who gave it), ``filters`` (the conditions of the compare-and-set) and, if it
    agrees, ``metadata`` with the time (L2). An expiry has none of the three. A goal that nobody could pay for ends with
    the time in ``metadata``, as ``unpaid``; one that an operator ends, with the ``reason``.
    """

    name = "deactivate_goal"

    goal_id: str
    exp: datetime | None = None
    filters: Mapping[str, object] | None = None
    triggerer: str | None = None
    metadata: Mapping[str, str] | None = None


@frozen(kw_only=True)
class IncrementGoalProgress(Message):
    """Counts a viewer's payment for the goal, once for each ``insert_id`` (L1). ``cost`` is in the smallest unit."""

    name = "increment_goal_progress"

    goal_id: str
    amount: int
    cost: int
    breakdown_id: str
    insert_id: str


@frozen(kw_only=True)
class AnnounceProgress(Message):
    """Announces the goal's latest progress, at the end of a second in which several payments came.

    ``insert_id`` is the payment that asked for it. Lost, it costs an announcement that the next payment makes up.
    """

    name = "announce_progress"

    goal_id: str
    insert_id: str


@frozen(kw_only=True)
class AdmitViewers(Message):
    """Gives a crowd's viewers their passes and, with ``tell``, sends them ``stream.authorized`` (D36, D43).

    Begins with the part of the crowd at ``after``. With ``transactions``, only those who paid with them. ``began`` is
    when the show began, in ISO 8601: the goal may not say so yet.
    """

    name = "admit_viewers"

    goal_id: str
    after: str | None = field(default=None, metadata={HEADER: True})
    tell: bool | None = field(default=None, metadata={HEADER: True})
    began: str | None = field(default=None, metadata={HEADER: True})
    transactions: Sequence[str] | None = field(default=None, metadata={HEADER: True})


@frozen(kw_only=True)
class SettleEscrow(Message):
    """Releases or refunds the goal's escrow (L3).

    Many holds are settled page by page (D43). The headers say where a page begins, and, of a page that is to be
    settled, its ``transactions``. Without those, the page is handed out; ``page`` is how many were before. An empty
    list moves nothing: the task tells the streamer that the escrow is settled (D34). ``total`` is what the pages before
    add up to.
    """

    name = "settle_escrow"

    goal_id: str
    after: str | None = field(default=None, metadata={HEADER: True})
    transactions: Sequence[str] | None = field(default=None, metadata={HEADER: True})
    page: int | None = field(default=None, metadata={HEADER: True})
    total: int | None = field(default=None, metadata={HEADER: True})


@frozen(kw_only=True)
class Sweep(Message):
    """Finishes what lost timers and messages left undone (D26)."""

    name = "sweep"
