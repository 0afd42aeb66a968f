"""The scene of another settlement rule: viewers pay for the time shown. It has a platform of its own."""

from __future__ import annotations

from datetime import timedelta

from ...core import names
from ...core.rules.settlement import ForTimeShown
from .cast import ALICE, BOB
from .stage import Scene, Stage


def time_shown(kind: type[Stage]) -> Scene:
    stage = kind(settlement_rule=ForTimeShown(grace=timedelta(seconds=30)))
    acts = [
        stage.invite(ALICE, "invites for 120 s", duration=120),
        stage.invite(BOB, "joins with 45 s", duration=45),
        stage.answer(True, "agrees"),
        stage.switch(names.PRESET_SD, "switches to sd"),
        stage.wait(timedelta(seconds=40), "40 s later"),
        stage.view(ALICE, "asks what it costs so far"),
        stage.switch(names.PRESET_PREVIEW, "leaves"),
        stage.wait(timedelta(seconds=10), "10 s later"),
        stage.switch(names.PRESET_SD, "is back"),
        stage.wait(timedelta(seconds=20), "20 s later"),
        stage.switch(names.PRESET_PREVIEW, "leaves, for good"),
        stage.wait(timedelta(seconds=30), "30 s later the show is over"),
        stage.view(ALICE, "asks what became of her money"),
    ]
    remark = "The host chose this rule. Alice saw 60 s of her 120. Bob saw 40 s: in his last 5 s there was no show."
    return stage.scene("Another rule: Alice and Bob pay for the time shown", acts, remark, stage.audit())
