"""The payloads of the signals, with exactly the seed's keys (D20).

``signal`` is the name of the blinker signal, ``sender`` its sender.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from attrs import field, fields, frozen

from . import names
from .errors import SessionNotNamed
from .model import AT_ONCE, Goal, GoalMetadata
from .validation import InvalidValue, check_types

OURS = "ours"
"""Field metadata: the value is for the library's own receivers, and no key of the payload."""


@frozen(kw_only=True)
class Event:
    signal: ClassVar[str] = names.FEATURES_LEADERBOARDS
    sender: ClassVar[str]
    _keys: ClassVar[tuple[str, ...]]

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        cls._keys = tuple(attribute.name for attribute in fields(cls) if OURS not in attribute.metadata)

    def payload(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self._keys}

    @classmethod
    def from_payload(cls, payload: Mapping[str, object]) -> Self:
        """Read a payload that a host's code has sent. More keys than the seed names are ignored.

        Raises InvalidValue, which names the key that is missing or of the wrong type, before anything is done (D48).
        """
        missing = [name for name in cls._keys if name not in payload]
        if missing:
            raise InvalidValue(cls.sender, missing[0], None, "there")
        event = cls(**{name: payload[name] for name in cls._keys})
        check_types(event, cls.sender)
        return event


class GoalEvent(Event):
    """An event about a goal. Its ids come from the goal's own ``conditions`` and ``metadata``."""

    __slots__ = ()
    conditions: Mapping[str, object]

    @classmethod
    def of(cls, goal: Goal, **more: object) -> Self:
        """The event about this goal as it is now. ``more`` are the fields that a goal does not have."""
        own = {name: getattr(goal, name) for name in cls._keys if name != "goal_id" and name not in more}
        values: dict[str, Any] = {"goal_id": goal.id, **own, **more}
        return cls(**values)

    @property
    def session_id(self) -> str:
        """The session that the goal belongs to. Raises SessionNotNamed."""
        session_id = self.conditions.get("session_id")
        if not isinstance(session_id, str):
            raise SessionNotNamed(f"conditions.session_id is {session_id!r}, not the id of a session")
        return session_id


@frozen(kw_only=True)
class GoalCreated(GoalEvent):
    sender = names.GOAL_CREATED

    goal_id: str
    active: bool
    _cls: str = field(alias="_cls")
    conditions: Mapping[str, object]
    context: Mapping[str, object]
    levels: Sequence[object]
    nbf: datetime | None
    exp: datetime | None


@frozen(kw_only=True)
class GoalAdded(Event):
    sender = names.GOAL_ADDED

    goal_id: str
    _cls: str = field(alias="_cls")
    conditions: Mapping[str, object]
    context: Mapping[str, object]
    session_id: str
    streamer_id: str


@frozen(kw_only=True)
class GoalProgressed(GoalMetadata, GoalEvent):
    """A viewer's payment counts for the goal (L1). ``insert_id`` is the transaction; consumers drop repeats by it."""

    sender = names.GOAL_PROGRESSED

    goal_id: str
    _cls: str = field(alias="_cls")
    progress: int
    levels: Sequence[object]
    conditions: Mapping[str, object]
    context: Mapping[str, object]
    exp: datetime | None
    metadata: Mapping[str, object]
    insert_id: str
    announce_in: timedelta | None = field(default=AT_ONCE, metadata={OURS: True})
    """See :class:`.model.Progress`. Progress that a host reports is announced at once."""
    active: bool = field(default=True, metadata={OURS: True})
    """False for a payment that came after the goal had ended."""


@frozen(kw_only=True)
class GoalEnded(GoalMetadata, GoalEvent):
    """The goal has ended (L3)."""

    sender = names.GOAL_ENDED

    goal_id: str
    _cls: str = field(alias="_cls")
    active: bool
    progress: int
    levels: Sequence[object]
    conditions: Mapping[str, object]
    context: Mapping[str, object]
    exp: datetime | None
    triggerer: str | None
    metadata: Mapping[str, object]


@frozen(kw_only=True)
class TransactionCreated(Event):
    """The wallet moved money (L1). ``to_account`` is None while it is in escrow. Amounts are in the smallest unit."""

    signal = names.EXT_WALLET
    sender = names.TRANSACTION_CREATED

    transaction_id: str
    timestamp: datetime
    tags: Sequence[str]
    from_account: str
    from_amount: int
    to_account: str | None
    to_amount: int | None


@frozen(kw_only=True)
class BalanceDecremented(Event):
    """A user paid (L1)."""

    signal = names.USER
    sender = names.BALANCE_DECREMENTED

    user_id: str
    amount: int
    transaction_id: str
    tags: Sequence[str]


@frozen(kw_only=True)
class BalanceIncremented(Event):
    """A user was paid or refunded (L1, L3)."""

    signal = names.USER
    sender = names.BALANCE_INCREMENTED

    user_id: str
    amount: int
    transaction_id: str
    tags: Sequence[str]


@frozen(kw_only=True)
class PresetChanged(Event):
    """The streamer switched the preset (L4). ``price`` is that of 60 s of the new preset; None if it has no price."""

    signal = names.FEATURES_LIVESTREAM
    sender = names.PRESET_CHANGED

    streamer_id: str
    session_id: str
    preset: str
    from_preset: str | None
    price: int | None


EVENTS: tuple[type[Event], ...] = (
    GoalCreated,
    GoalAdded,
    GoalProgressed,
    GoalEnded,
    TransactionCreated,
    BalanceDecremented,
    BalanceIncremented,
    PresetChanged,
)
"""Every event, in the order of a goal's life."""
