"""What becomes of an escrow, and why (L3, D35)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from .validation import typed


class Settlement(StrEnum):
    """What becomes of an escrow (L3)."""

    RELEASED = "released"
    REFUNDED = "refunded"


class Rule(StrEnum):
    """Which rule decided about an escrow (D35)."""

    SHOW_BEGAN = "show_began"
    FOR_TIME_SHOWN = "for_time_shown"
    AGREED = "agreed"
    FOLLOWED = "followed"
    NO_SHOW = "no_show"
    NOT_AGREED = "not_agreed"
    NOT_FOLLOWED = "not_followed"
    NOT_PAID = "not_paid"
    SESSION_OVER = "session_over"
    EARNS_NOTHING = "earns_nothing"

    @property
    def earns(self) -> bool:
        """Whether the streamer has earned something."""
        return self in (Rule.SHOW_BEGAN, Rule.FOR_TIME_SHOWN, Rule.AGREED, Rule.FOLLOWED)


@frozen(kw_only=True, field_transformer=typed)
class Why:
    """What the settlement saw when it decided (D35)."""

    rule: Rule
    agreed: datetime | None
    show_began: datetime | None
    """Since when the session was on sd; None if it was not in time, or if that does not count for the class."""
    session_active: bool | None
    """None if nobody looked, because it makes no difference."""

    @property
    def settlement(self) -> Settlement:
        return Settlement.RELEASED if self.rule.earns else Settlement.REFUNDED
