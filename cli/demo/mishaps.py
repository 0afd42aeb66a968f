"""The scenes of what goes wrong, and how the money comes home."""

from __future__ import annotations

from datetime import timedelta

from ...core.messages import Sweep
from .cast import ALICE, BOB, CLEO
from .stage import ANSWER_WITHIN, SETTLE_DELAY, SETTLED, Scene, Stage


def unpaid(stage: Stage) -> Scene:
    acts = [
        stage.invite(
            CLEO,
            "invites for her last 10, and spends them elsewhere before a worker holds them",
            duration=10,
            meanwhile=lambda: stage.spend(CLEO, 10),
        ),
        stage.answer(True, "agrees"),
    ]
    remark = "Cleo hears that nothing came of it. Sid performs for nobody, and Bob need not wait: no cooldown."
    return stage.scene("Cleo's money is gone before it is held: the goal ends at once", acts, remark)


def session_over(stage: Stage) -> Scene:
    acts = [
        stage.invite(BOB, "invites for 60 s", duration=60),
        stage.set_session("Sid's session is over", active=False),
        stage.answer(True, "agrees, too late"),
        stage.publish("a sweep runs, as it does every 15 s", Sweep()),
        stage.wait(SETTLE_DELAY, SETTLED),
        stage.view(BOB, "asks what became of his money"),
        stage.set_session("Sid goes on with the session", active=True),
    ]
    remark = "No money waits for a session that is over: neither for its exp nor for an answer."
    return stage.scene("Sid's session is over before the answer: refunded", acts, remark)


def set_aside(stage: Stage) -> Scene:
    acts = [
        stage.invite(ALICE, "invites for 30 s", duration=30),
        stage.invite(BOB, "joins with 60 s", duration=60),
        stage.answer(False, "refuses"),
        stage.lock(BOB, "the wallet locks Bob's account"),
        stage.wait(SETTLE_DELAY, SETTLED),
        stage.publish("a sweep tries again", Sweep()),
        stage.set_aside(),
        stage.lock(None, "the wallet unlocks it"),
        stage.wait(timedelta(minutes=1), "a minute later"),
    ]
    remark = "Only Bob's money waited, with a pause that grows. Alice had hers in time, and hears so again."
    return stage.scene("The wallet fails for one viewer: that one waits, no other does", acts, remark)


def swept(stage: Stage) -> Scene:
    acts = [
        stage.invite(ALICE, "invites for 60 s", duration=60),
        stage.invite(BOB, "joins with 30 s", duration=30),
        stage.lose_messages("the broker loses every message"),
        stage.wait(ANSWER_WITHIN + SETTLE_DELAY, "60 s after exp nothing has happened"),
        stage.publish("the sweep runs, as it does every 15 s", Sweep()),
    ]
    title = "The broker loses every message, timers included: one sweep repairs it"
    return stage.scene(title, acts, audit=stage.audit())
