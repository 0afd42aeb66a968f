"""The signals' payloads, with exactly the seed's keys (D20). ``signal`` is blinker's name, ``sender`` its sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Self

from attrs import asdict, field, fields, frozen

from . import names


@frozen(kw_only=True)
class Event:
    signal: ClassVar[str] = names.FEATURES_LEADERBOARDS
    sender: ClassVar[str]

    def payload(self) -> dict[str, object]:
        return asdict(self, recurse=False)

    @classmethod
    def from_payload(cls, payload: Mapping[str, object]) -> Self:
        """Read a payload that may come from the host's own code, which may say more than the seed."""
        return cls(**{attribute.name: payload[attribute.name] for attribute in fields(cls)})


@frozen(kw_only=True)
class GoalCreated(Event):
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
class GoalProgressed(Event):
    """A viewer's money counts for the goal (L1). ``insert_id`` is the transaction: consumers drop repeats by it."""

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


@frozen(kw_only=True)
class GoalEnded(Event):
    """The goal is over (L3)."""

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

    @property
    def agreed(self) -> datetime | None:
        """When the streamer agreed."""
        value = self.metadata.get("agreed")
        return value if isinstance(value, datetime) else None


@frozen(kw_only=True)
class TransactionCreated(Event):
    """The wallet moved money (L1). ``to_account`` is None while it sits in escrow; amounts in the smallest unit."""

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
    """A user was paid, or paid back (L1, L3)."""

    signal = names.USER
    sender = names.BALANCE_INCREMENTED

    user_id: str
    amount: int
    transaction_id: str
    tags: Sequence[str]


@frozen(kw_only=True)
class PresetChanged(Event):
    """The streamer switched the session (L4). ``price`` is the new preset's for 60 s, None where it has none."""

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
"""All that is ever sent, in the order of a goal's life."""
