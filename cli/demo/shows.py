"""What the platform's other features publish in the demo: shows, exclusive shows, karaoke."""

from __future__ import annotations

from collections.abc import Mapping

from ...core import names
from ...core.messages import CreateGoal, DeactivateGoal, IncrementGoalProgress, Transfer
from .cast import BOB, DAN, SESSION, SID

FUNDING = "f0d000000000000000000002"
SHOW = "5a0000000000000000000001"
KARAOKE = "ca0000000000000000000001"
REQUEST = "e8c000000000000000000001"
EXCLUSIVE = "e8c000000000000000000002"
FUNDED_WITH = 30

_CLASSES = {
    FUNDING: names.SHOW_FUNDING_GOAL,
    SHOW: names.SHOW_GOAL,
    KARAOKE: names.KARAOKE_GOAL,
    REQUEST: names.TRIGGER_EXCLUSIVE_GOAL,
    EXCLUSIVE: names.EXCLUSIVE_GOAL,
}
_CONTEXTS: Mapping[str, Mapping[str, object]] = {
    SHOW: {names.FUNDING_GOAL_ID: FUNDING},
    EXCLUSIVE: {names.TRIGGER_EXCLUSIVE_GOAL_ID: REQUEST},
}
_ASKED_FOR_BY = {REQUEST: BOB.id, EXCLUSIVE: BOB.id}


def begin(goal_id: str) -> CreateGoal:
    asked_for = {"triggered_by": _ASKED_FOR_BY[goal_id]} if goal_id in _ASKED_FOR_BY else {}
    return CreateGoal(
        goal_id=goal_id,
        active=True,
        _cls=_CLASSES[goal_id],
        conditions={"session_id": SESSION},
        levels=[],
        context=_CONTEXTS.get(goal_id, {}),
        metadata={"user_id": SID.id, **asked_for},
        exp=None,
    )


def fund() -> Transfer:
    """Dan pays for the show: Sid has blocked him from private ones alone."""
    return Transfer(
        goal_id=FUNDING,
        transaction_id=f"show-funding:{FUNDING}:{DAN.id}",
        from_user_id=DAN.id,
        to_user_id=SID.id,
        amount=FUNDED_WITH,
        tags=["swag::livestream.session.show_funding"],
        escrow_id=names.escrow_id(FUNDING, names.SHOW_FUNDING_GOAL),
    )


def sing() -> IncrementGoalProgress:
    return IncrementGoalProgress(goal_id=KARAOKE, amount=1, cost=0, breakdown_id=DAN.id, insert_id="a song")


def end(goal_id: str) -> DeactivateGoal:
    return DeactivateGoal(goal_id=goal_id)
