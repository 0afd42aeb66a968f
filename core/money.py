"""Money in escrow and in accounts: hold, pledge, balance, payment. In the smallest unit of the wallet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import optional

from .border import A_USER_ID, id_text, is_user_id
from .model import Invitation
from .validation import at_least, must, not_empty, typed


class HoldState(StrEnum):
    """A hold is held, and then released or refunded, once (L6)."""

    HELD = "held"
    RELEASED = "released"
    REFUNDED = "refunded"


@frozen(kw_only=True, field_transformer=typed)
class Hold:
    """One viewer's money in a goal's escrow (D16). ``amount`` is in the smallest unit, ``duration`` in seconds.

    ``exp`` is when the goal ends at the latest, so that no hold lasts for ever. ``duration`` is None if the transfer
    did not say what it paid for. ``asked_exp`` is the exp of the viewer's own invitation, in Unix time. It tells a
    repeat from a new one (D29).
    """

    transaction_id: str
    goal_id: str
    escrow_id: str
    from_user_id: str
    to_user_id: str
    amount: int = field(validator=at_least(0))  # less than nothing would make money
    duration: int | None
    tags: Sequence[str]
    exp: datetime | None
    state: HoldState = HoldState.HELD
    part: int | None = field(default=None, validator=optional(at_least(0)))
    """How much of it was released, if only a part was. The rest went back."""
    asked_exp: int | None = None
    new: bool = field(default=False, eq=False, repr=False)
    """Whether the call that returned it has placed it. False if the wallet does not say. Not stored."""
    placed_at: datetime | None = field(default=None, eq=False, repr=False)
    settled_at: datetime | None = field(default=None, eq=False, repr=False)
    """When the wallet placed it, and released or refunded it, for operators. None if the wallet does not say."""

    @property
    def released(self) -> int:
        """What the payee got. 0 unless it is released."""
        if self.state is not HoldState.RELEASED:
            return 0
        return self.amount if self.part is None else self.part

    @property
    def refunded(self) -> int:
        """What went back to the payer: all of it, or what a part left. 0 while it is held."""
        return 0 if self.state is HoldState.HELD else self.amount - self.released

    def placed_for(self, invitation: Invitation) -> bool:
        """Whether this very invitation has led to the hold (D29)."""
        asked_exp = int(self.exp.timestamp()) if self.asked_exp is None and self.exp is not None else self.asked_exp
        asked = invitation.exp, invitation.duration
        return (asked_exp, self.duration) == asked and invitation.amount in (None, self.amount)

    def same_transfer(self, other: Hold) -> bool:
        """Whether both have the same amount, parties and escrow (D15)."""
        return (self.amount, self.from_user_id, self.to_user_id, self.escrow_id) == (
            other.amount,
            other.from_user_id,
            other.to_user_id,
            other.escrow_id,
        )


@frozen(kw_only=True, field_transformer=typed)
class Pledge:
    """What a viewer who joins a goal was promised, until a worker has held it (D30). ``duration`` is in seconds.

    ``exp`` is when the goal ends at the latest.
    """

    amount: int = field(validator=at_least(0))
    duration: int
    exp: datetime


@frozen(kw_only=True, field_transformer=typed)
class Statement:
    """A viewer's available balance, and the hold that was asked for, if it is held. Before that, its pledge."""

    available: int
    hold: Hold | None = None
    pledge: Pledge | None = None


@frozen(kw_only=True, field_transformer=typed)
class Balance:
    """One user's money, in the smallest unit. ``held`` is in escrow."""

    available: int = 0
    held: int = 0


@frozen(kw_only=True, field_transformer=typed)
class Payment:
    """Money that a user brought into the wallet, or took out of it. ``amount`` is in the smallest unit."""

    id: str = field(validator=not_empty)
    user_id: str = field(converter=id_text, validator=must(is_user_id, A_USER_ID))
    amount: int = field(validator=at_least(1))
    withdrawn: bool = False


@frozen(kw_only=True, field_transformer=typed)
class Audit:
    """The sums of a whole wallet, and every problem found. Money is never created or lost (L6)."""

    available: int
    held: int
    deposited: int
    """All the money that users ever brought in, less what they took out. It equals available + held."""
    problems: Sequence[str] = ()
