"""A private goal's two messages, and the passes that its viewers get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from .. import names
from ..messages import CreateGoal, Transfer
from ..model import Claim, Goal, Session, ViewerPass
from ..money import Hold

CLAIM_IS_OLD_AFTER = timedelta(seconds=2)
"""By then a worker that is in time has created the goal."""


def may_renew(claim: Claim, session: Session, now: datetime) -> bool:
    """Whether ``create_goal`` may be late or lost, and nobody has triggered it once more (D2).

    A claim of version 0.1 does not say since when it holds, and counts as old.
    """
    if claim.renewed or session.has_bound(claim.goal_id):
        return False
    return claim.since is None or now - claim.since > CLAIM_IS_OLD_AFTER


def create_goal_message(claim: Claim, session: Session, viewer_id: str, duration: int | None) -> CreateGoal:
    """The goal keeps its first viewer and their duration (seconds), even if others join (D16). The claim has both.

    ``viewer_id`` and ``duration`` are used if the claim names no first viewer.
    """
    if claim.triggered_by is not None:
        viewer_id, duration = claim.triggered_by, claim.prepaid_duration
    return CreateGoal(
        goal_id=claim.goal_id,
        active=True,
        _cls=names.TRIGGER_PRIVATE_GOAL,
        conditions={"session_id": session.id},
        levels=[],
        context=names.TRIGGER_PRIVATE_CONTEXT,
        metadata={"user_id": session.streamer_id, "triggered_by": viewer_id, "prepaid_duration": duration},
        exp=claim.exp,
    )


def transfer_message(
    claim: Claim,
    session: Session,
    viewer_id: str,
    *,
    amount: int,
    duration: int,
    tag_prefix: str,
    exp: int | None = None,
) -> Transfer:
    """``exp`` is that of the viewer's own invitation."""
    return Transfer(
        goal_id=claim.goal_id,
        transaction_id=names.transaction_id(claim.goal_id, viewer_id),
        from_user_id=viewer_id,
        to_user_id=session.streamer_id,
        amount=amount,
        tags=[names.transfer_tag(tag_prefix, session.id, claim.goal_id)],
        escrow_id=names.escrow_id(claim.goal_id),
        duration=duration,
        session_id=session.id,
        asked_exp=exp,
    )


def viewer_passes(goal: Goal, holds: Iterable[Hold]) -> Mapping[str, ViewerPass]:
    """The pass that the agreed goal gives each viewer, for the duration that they paid for (D16, L3).

    It begins at the goal's end, when the agreement was carried out, and anew when the show begins (D38).
    A transfer with only the seed's arguments does not say the duration. Then the ``prepaid_duration`` in the goal's
    ``metadata`` counts; a goal without one gives no pass.
    """
    begins = max(at for at in (goal.agreed, goal.ended, goal.show_began) if at is not None)
    prepaid = goal.metadata.get("prepaid_duration")
    durations = {hold.from_user_id: prepaid if hold.duration is None else hold.duration for hold in holds}
    return {
        viewer_id: ViewerPass(nbf=begins, duration=duration)
        for viewer_id, duration in durations.items()
        if isinstance(duration, int)
    }
