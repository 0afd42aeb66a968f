"""The demo's scenario: the life of some goals, from invitation to settlement. It is the same on every run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ...core import names
from ...core.messages import CreateGoal, DeactivateGoal, IncrementGoalProgress, Sweep, Transfer
from . import cast
from .cast import ALICE, BOB, CLEO, DAN, SESSION, SID
from .stage import ANSWER_WITHIN, Act, Scene, Stage

SETTLE_DELAY = timedelta(seconds=60)
SETTLED = "60 s after the end"

KARAOKE = "ca0000000000000000000001"
REQUEST = "e8c000000000000000000001"
EXCLUSIVE = "e8c000000000000000000002"
FUNDING = "f0d000000000000000000002"
SHOW = "5a0000000000000000000001"


def scenes(stage: Stage) -> Iterator[Scene]:
    """Play every scene in order. Each one continues where the one before ended."""
    yield from _accepted(stage)
    yield _refused(stage)
    yield from _ended(stage)
    yield _other_goals(stage)
    yield _swept(stage)


def _accepted(stage: Stage) -> Iterator[Scene]:
    yield stage.scene(
        "Alice invites Sid: 90 s of private show, to be answered within 5 minutes",
        [stage.invite(ALICE)],
        "The request triggers two tasks and waits for neither. A worker runs them. The money sits in escrow.",
    )
    yield stage.scene(
        "Bob joins the ongoing goal with 30 s of his own",
        [stage.invite(BOB, "invites for 30 s", duration=30)],
        "No second goal: the same goal_id and exp. Bob pays the price of his own duration.",
    )
    yield stage.scene(
        "Alice's phone sends her invitation once more",
        [stage.invite(ALICE, "invites again")],
        "Same viewer, same goal, same transaction_id: Alice has paid, so nothing is left to do.",
    )


def _refused(stage: Stage) -> Scene:
    acts = [
        stage.invite(None, "invites without logging in"),
        stage.invite(ALICE, "sends a wrong body", exp=0, duration=0),
        stage.invite(ALICE, "invites into an unknown session", session_id=cast.UNKNOWN_SESSION),
        stage.invite(SID, "invites himself"),
        stage.invite(DAN, "invites; Sid has blocked him"),
        stage.invite(ALICE, "invites; there is no sd price", session_id=cast.SESSION_WITHOUT_PRICE),
        stage.invite(ALICE, "invites while a show is running", session_id=cast.SESSION_WITH_SHOW),
        stage.invite(ALICE, "retries, but with 120 s", duration=120),
        stage.invite(CLEO, "invites for the 9 that she was shown; the price is 10 now", duration=10, amount=9),
        stage.invite(CLEO, "invites for 90, but has 10"),
    ]
    remark = "Dan never learns that he is blocked: only logs and traces have the true reason."
    return stage.scene("Refused, one guard after another", acts, remark)


def _ended(stage: Stage) -> Iterator[Scene]:
    first = int((stage.clock.now() + ANSWER_WITHIN).timestamp())
    yield stage.scene(
        "Sid agrees, switches to sd, and is paid a minute later",
        [stage.answer(True), stage.switch(names.PRESET_SD), stage.wait(SETTLE_DELAY, SETTLED, full=True)],
        "The money is released, because the show began within the minute.",
    )
    yield stage.scene(
        "Alice's phone has lost the answer, and sends her first invitation once more",
        [stage.invite(ALICE, "invites again, with the same exp", exp=first)],
        "The first answer again: Alice pays once. Who means to buy again says a new exp.",
    )
    yield stage.scene(
        "Sid agrees, but never switches to sd: refunded",
        [
            stage.switch(names.PRESET_PREVIEW, "switches back to preview"),
            stage.invite(BOB, "invites for 60 s, since an agreed goal leaves no cooldown", duration=60),
            stage.invite(ALICE, "joins with 30 s", duration=30),
            stage.answer(True, "agrees"),
            stage.wait(SETTLE_DELAY, SETTLED, full=True),
        ],
        "Every payer is refunded, and loses the time that they had got for it.",
    )
    yield stage.scene(
        "Sid refuses: refunded, and the session has a cooldown of 60 s",
        [
            stage.invite(BOB, "invites for 60 s", duration=60),
            stage.invite(ALICE, "joins with 30 s", duration=30),
            stage.answer(False, "refuses"),
            stage.invite(BOB, "invites again at once", duration=60),
            stage.wait(SETTLE_DELAY, SETTLED),
        ],
    )
    yield stage.scene(
        "Sid does not answer: the goal expires, refunded",
        [
            stage.invite(BOB, "invites for 60 s, now that the cooldown is over", duration=60),
            stage.wait(ANSWER_WITHIN, "at exp, when the timers of the goals before are due as well and move no money"),
            stage.wait(timedelta(seconds=15), "15 s after the end"),
            stage.invite(ALICE, "invites for 30 s", duration=30),
            stage.wait(timedelta(seconds=45), SETTLED),
        ],
    )


def _other_goals(stage: Stage) -> Scene:
    """The platform's other features begin and end goals of their own."""

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


def _swept(stage: Stage) -> Scene:
    acts = [
        stage.invite(ALICE, "invites for 60 s", duration=60),
        stage.invite(BOB, "joins with 30 s", duration=30),
        stage.lose_messages("the broker loses every message"),
        stage.wait(ANSWER_WITHIN + SETTLE_DELAY, "60 s after exp nothing has happened"),
        stage.publish("the sweep runs, as it does every 15 s", Sweep()),
    ]
    audit = stage.container.books().audit(stage.clock.now() - SETTLE_DELAY)
    return stage.scene("The broker loses every message, timers included: one sweep repairs it", acts, audit=audit)
