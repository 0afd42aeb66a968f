"""The demo's scenario: the life of some goals, from invitation to settlement. It is the same on every run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ...core import names
from . import cast
from .cast import ALICE, BOB, CLEO, DAN, SID
from .mishaps import session_over, set_aside, swept, unpaid
from .other_goals import other_goals
from .stage import ANSWER_WITHIN, SETTLE_DELAY, SETTLED, Scene, Stage
from .time_shown import time_shown


def scenes(stage: Stage) -> Iterator[Scene]:
    """Play every scene in order. Each one continues where the one before ended."""
    yield from _accepted(stage)
    yield _refused(stage)
    yield from _agreed(stage)
    yield from _not_agreed(stage)
    yield unpaid(stage)
    yield session_over(stage)
    yield other_goals(stage)
    yield set_aside(stage)
    yield swept(stage)
    yield time_shown(type(stage))


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
        stage.invite(CLEO, "wants an answer within 5 s", exp=int(stage.clock.now().timestamp()) + 5),
        stage.invite(ALICE, "invites into an unknown session", session_id=cast.UNKNOWN_SESSION),
        stage.invite(SID, "invites himself"),
        stage.invite(DAN, "invites; Sid has blocked him"),
        stage.invite(ALICE, "invites; there is no sd price", session_id=cast.SESSION_WITHOUT_PRICE),
        stage.invite(ALICE, "invites while a show is running", session_id=cast.SESSION_WITH_SHOW),
        stage.invite(ALICE, "retries, but with 120 s", duration=120),
        stage.invite(CLEO, "invites for the 9 that she was shown; the price is 10 now", duration=10, amount=9),
        stage.invite(CLEO, "invites for two hours; the host's own guard allows one", duration=7_200),
        stage.invite(CLEO, "invites for 90, but has 10"),
    ]
    remark = "Dan never learns that he is blocked: only logs and traces have the true reason."
    return stage.scene("Refused, one guard after another", acts, remark)


def _agreed(stage: Stage) -> Iterator[Scene]:
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
            stage.invite(BOB, "invites for 70 s, since an agreed goal leaves no cooldown", duration=70),
            stage.invite(ALICE, "joins with 45 s, on top of the 30 s that she has left", duration=45),
            stage.answer(True, "agrees"),
            stage.wait(SETTLE_DELAY, SETTLED, full=True),
            stage.view(ALICE, "asks what became of her money"),
        ],
        "Paid time adds up. Every payer is refunded, loses the time that they had got for it, and hears so.",
    )
    yield stage.scene(
        "Bob's phone sends a key with his invitation, and loses the answer",
        [
            stage.invite(BOB, "invites for 30 s", duration=30, key="bob-1"),
            stage.invite(BOB, "sends the same again", duration=30, key="bob-1"),
            stage.invite(BOB, "sends another invitation with the key", duration=60, key="bob-1"),
        ],
        "For 24 h the same Idempotency-Key gets the first answer.",
    )
    yield stage.scene(
        "Sid agrees, begins the show 20 s later, and ends it after 10 s: paid",
        [
            stage.answer(True, "agrees"),
            stage.wait(timedelta(seconds=20), "20 s later"),
            stage.switch(names.PRESET_SD, "switches to sd"),
            stage.wait(timedelta(seconds=10), "10 s later"),
            stage.switch(names.PRESET_PREVIEW, "switches back to preview"),
            stage.wait(timedelta(seconds=30), SETTLED),
            stage.view(BOB, "asks what became of his money"),
        ],
        "The show began within the minute, although it was over before the settlement. Bob's time began with it.",
    )


def _not_agreed(stage: Stage) -> Iterator[Scene]:
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
