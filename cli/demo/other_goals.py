"""The scene of the platform's other features: they begin and end goals of their own."""

from __future__ import annotations

from ...core import names
from ...core.messages import CreateGoal, DeactivateGoal, IncrementGoalProgress, Transfer
from .cast import BOB, DAN, SESSION, SID
from .stage import SETTLE_DELAY, SETTLED, Act, Scene, Stage

KARAOKE = "ca0000000000000000000001"
REQUEST = "e8c000000000000000000001"
EXCLUSIVE = "e8c000000000000000000002"
FUNDING = "f0d000000000000000000002"
SHOW = "5a0000000000000000000001"


def other_goals(stage: Stage) -> Scene:
    def begins(words: str, goal_id: str, _cls: str, *, full: bool = False, **context: object) -> Act:
        return stage.publish(words, _create_goal(goal_id, _cls, context), full=full)

    def ends(words: str, goal_id: str, *, full: bool = False) -> Act:
        return stage.publish(words, DeactivateGoal(goal_id=goal_id), full=full)

    song = IncrementGoalProgress(goal_id=KARAOKE, amount=1, cost=0, breakdown_id=DAN.id, insert_id="a song")
    acts = [
        begins("a KaraokeGoal begins", KARAOKE, names.KARAOKE_GOAL, full=True),
        stage.publish("somebody requests a song", song, full=True),
        begins("a TriggerExclusiveGoal begins: Bob wants to be alone with Sid", REQUEST, names.TRIGGER_EXCLUSIVE_GOAL),
        stage.answer(True, "agrees", goal_id=REQUEST),
        begins(
            "the ExclusiveGoal begins, and snapshots stop",
            EXCLUSIVE,
            names.EXCLUSIVE_GOAL,
            trigger_exclusive_goal_id=REQUEST,
        ),
        ends("the ExclusiveGoal ends", EXCLUSIVE, full=True),
        begins("a ShowFundingGoal begins", FUNDING, names.SHOW_FUNDING_GOAL),
        stage.invite(BOB, "invites meanwhile", duration=60),
        stage.publish("Dan pays 30 for the show", _fund_show()),
        begins("the ShowGoal begins", SHOW, names.SHOW_GOAL, funding_goal_id=FUNDING),
        ends("the ShowGoal ends", SHOW),
        ends("the ShowFundingGoal ends", FUNDING, full=True),
        stage.wait(SETTLE_DELAY, SETTLED),
    ]
    remark = "The money is released, because the funding goal has its show. Then invitations are accepted again."
    return stage.scene("Sid's other goals: karaoke, an exclusive show, and a show that is funded", acts, remark)


def _create_goal(goal_id: str, _cls: str, context: dict[str, object]) -> CreateGoal:
    by_bob = {"triggered_by": BOB.id} if _cls in (names.TRIGGER_EXCLUSIVE_GOAL, names.EXCLUSIVE_GOAL) else {}
    return CreateGoal(
        goal_id=goal_id,
        active=True,
        _cls=_cls,
        conditions={"session_id": SESSION},
        levels=[],
        context=context,
        metadata={"user_id": SID.id, **by_bob},
        exp=None,
    )


def _fund_show() -> Transfer:
    return Transfer(
        goal_id=FUNDING,
        transaction_id=f"show-funding:{FUNDING}:{DAN.id}",
        from_user_id=DAN.id,
        to_user_id=SID.id,
        amount=30,
        tags=["swag::livestream.session.show_funding"],
        escrow_id=names.escrow_id(FUNDING, names.SHOW_FUNDING_GOAL),
    )
