"""The demo's scenario: the whole life of goals on the in-memory adapters, the same at every run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from attrs import evolve

from ...core import names
from . import cast, shows
from .cast import ALICE, BOB, CLEO, DAN, SID
from .scene import Scene
from .stage import ANSWER_WITHIN, Stage

__all__ = ["Stage", "scenes"]

SETTLE_DELAY = timedelta(seconds=60)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Every scene, in order; each goes on where the one before left the stage."""
    yield from _accepted(stage)
    yield from _refused(stage)
    yield from _ended(stage)
    yield _neighbours(stage)
    yield _swept(stage)


def _accepted(stage: Stage) -> Iterator[Scene]:
    yield stage.scene(
        "Alice invites Sid: 90 s of private show, to be answered within 5 minutes",
        [stage.invite(ALICE)],
        "The request publishes two tasks and waits for neither; a worker runs them. The money sits in escrow.",
    )
    yield stage.scene(
        "Bob joins the ongoing goal with 30 s of his own",
        [stage.invite(BOB, duration=30)],
        "No second goal: the same goal_id and exp. Bob pays the price of his own duration.",
    )
    yield stage.scene(
        "Alice's phone sends her invitation once more",
        [stage.invite(ALICE)],
        "Same viewer, same goal, same transaction_id: charged once. Her last 60 would not pay it again.",
    )


def _refused(stage: Stage) -> Iterator[Scene]:
    yield stage.scene("nobody is logged in", [stage.invite(None)])
    yield stage.scene("Alice sends a wrong body", [stage.invite(ALICE, exp="soon", duration=0)])
    missing = "5e55000000000000000000ff"
    yield stage.scene("Alice invites into no known session", [stage.invite(ALICE, session_id=missing)])
    yield stage.scene("Sid invites himself", [stage.invite(SID)])
    yield stage.scene("Dan invites; Sid has blocked him", [stage.invite(DAN)])
    priceless = stage.invite(ALICE, session_id=cast.SESSION_WITHOUT_PRICE)
    yield stage.scene("Alice invites; there is no sd price", [priceless])
    running = stage.invite(ALICE, session_id=cast.SESSION_WITH_SHOW)
    yield stage.scene("Alice invites while a show is running", [running])
    yield stage.scene("Alice retries, but with 120 s", [stage.invite(ALICE, duration=120)])
    yield stage.scene("Cleo invites for 90, but has 10", [stage.invite(CLEO)])


def _ended(stage: Stage) -> Iterator[Scene]:
    yield stage.scene(
        "Sid agrees, switches to sd, and is paid a minute later",
        [stage.reply(True), stage.switch(names.PRESET_SD), stage.wait(SETTLE_DELAY, "60 s after the end")],
        "Released, because the session is active and on sd when the minute is over.",
    )
    yield stage.scene(
        "Sid agrees, but never switches to sd: refunded",
        [
            stage.switch(names.PRESET_PREVIEW, "switches back to preview"),
            stage.invite(BOB, "invites for 60 s, since an agreed goal leaves no cooldown", duration=60),
            stage.invite(ALICE, "joins with 30 s", duration=30),
            stage.reply(True, "agrees"),
            stage.wait(SETTLE_DELAY, "60 s after the end"),
        ],
        "Each payer has their own back.",
    )
    yield stage.scene(
        "Sid refuses: refunded, and the session rests for 60 s",
        [
            stage.invite(BOB, "invites for 60 s", duration=60),
            stage.invite(ALICE, "joins with 30 s", duration=30),
            stage.reply(False),
            stage.invite(BOB, "invites again at once", duration=60),
            stage.wait(SETTLE_DELAY, "60 s after the end"),
        ],
    )
    yield stage.scene(
        "Sid does not answer: the goal expires, refunded",
        [
            stage.invite(BOB, "invites for 60 s, now that the rest is over", duration=60),
            stage.wait(ANSWER_WITHIN, "at exp"),
            stage.wait(timedelta(seconds=15), "15 s after the end"),
            stage.invite(ALICE, "invites for 30 s", duration=30),
            stage.wait(timedelta(seconds=45), "60 s after the end"),
        ],
    )


def _neighbours(stage: Stage) -> Scene:
    funding, show, request, exclusive = shows.FUNDING, shows.SHOW, shows.REQUEST, shows.EXCLUSIVE
    return stage.scene(
        "Sid's other goals: karaoke, an exclusive show, and a show that is funded",
        [
            stage.publish(shows.KARAOKE, "a KaraokeGoal, and a song", shows.begin(shows.KARAOKE), shows.sing()),
            stage.publish(request, "a TriggerExclusiveGoal: Bob asks to be alone with Sid", shows.begin(request)),
            stage.reply(True, "agrees"),
            stage.publish(exclusive, "the ExclusiveGoal begins, and nobody takes snapshots", shows.begin(exclusive)),
            stage.publish(exclusive, "it ends", shows.end(exclusive)),
            stage.publish(funding, "a ShowFundingGoal begins", shows.begin(funding)),
            stage.invite(BOB, "invites meanwhile", duration=60),
            stage.publish(funding, f"Dan pays {shows.FUNDED_WITH} for the show", shows.fund()),
            stage.publish(show, "the ShowGoal begins", shows.begin(show)),
            stage.publish(show, "it ends", shows.end(show)),
            stage.publish(funding, "its funding ends", shows.end(funding)),
            stage.wait(SETTLE_DELAY, "60 s after the end"),
        ],
        "Released, because the funding has its show. From its end on invitations are accepted again.",
    )


def _swept(stage: Stage) -> Scene:
    scene = stage.scene(
        "The broker loses every message, timers included: one sweep does it all",
        [
            stage.invite(ALICE, "invites for 60 s", duration=60),
            stage.invite(BOB, "joins with 30 s", duration=30),
            stage.lose_messages("the broker loses what it has"),
            stage.wait(ANSWER_WITHIN + SETTLE_DELAY, "60 s after exp nothing has happened"),
            stage.sweep("the sweeper runs, as it does every 15 s"),
        ],
    )
    return evolve(scene, audit=stage.container.wallet().audit(stage.clock.now() - SETTLE_DELAY))
