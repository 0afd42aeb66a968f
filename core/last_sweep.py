"""What the last sweep did, and what it left (D43)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from .validation import typed


@frozen(kw_only=True, field_transformer=typed)
class SetAside:
    """Something that sweeps could not do: ``item`` names it. They try it again at ``next_try`` (D43)."""

    item: str
    attempts: int
    next_try: datetime
    why: str


@frozen(kw_only=True, field_transformer=typed)
class LastSweep:
    """When a sweep ran, what it did, and what it left (D43)."""

    began: datetime
    ended: datetime
    done: Mapping[str, int]
    """How many of each kind."""
    failed: int
    """How many of its steps failed."""
    more: bool
    """Whether the time was over before it had met everything."""
    interrupted_at: str | None = None
    """The goal of which it told when it was interrupted, by a receiver that hangs perhaps."""
    places: Mapping[str, str] = field(factory=dict)
    """Where it stopped in the list of each kind. The next sweep goes on there."""
    aside: Sequence[SetAside] = ()
    """What it and sweeps before it could not do."""
