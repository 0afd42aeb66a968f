"""A request that its client has marked with a key, so that a retry gets the first answer again (D29)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from attrs import evolve, field, frozen

from .validation import not_empty, typed

KEPT = timedelta(hours=24)
"""How long a key is remembered."""
LEASE = timedelta(seconds=10)
"""A request has answered by then, or its process has died: then a retry goes on."""


class Accepted(NamedTuple):
    """What the viewer gets with the 202 (D27). ``amount`` is in the smallest unit; ``exp`` is the goal's.

    A tuple, because one is created for every request.
    """

    goal_id: str
    transaction_id: str
    amount: int
    exp: datetime | None


@frozen(kw_only=True, field_transformer=typed)
class KeyedRequest:
    """``asked`` is what the body says. ``attempt`` is another one for each retry.

    ``since`` is when this attempt got the key. ``answer`` is None until there is one. ``tried`` is the answer that an
    attempt was about to give: its transfer may be under way, although it got no answer.
    """

    viewer_id: str
    session_id: str
    key: str = field(validator=not_empty)
    asked: str
    attempt: str
    since: datetime
    answer: Accepted | None = None
    tried: Accepted | None = None

    def may_go_to(self, other: KeyedRequest) -> bool:
        """Whether the key may go from this request to another one that was sent with it."""
        age = other.since - self.since
        return age >= KEPT or (self.answer is None and self.asked == other.asked and age >= LEASE)

    def handed_to(self, other: KeyedRequest) -> KeyedRequest:
        """The other request, which has the key now. It knows what was tried, unless that is long over."""
        return other if other.since - self.since >= KEPT else evolve(other, tried=self.tried)

    def given_up(self) -> KeyedRequest:
        """A retry may have the key at once."""
        return evolve(self, since=self.since - LEASE)
