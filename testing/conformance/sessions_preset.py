"""What :class:`show_goal.ports.sessions.Sessions` promises about the preset (L4, D40, D41)."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from attrs import evolve

from ...ports.sessions import PresetSwitch, Sessions
from .examples import (
    EXP,
    GOAL,
    MALFORMED_IDS,
    NOW,
    OVER,
    SESSION,
    SESSION_2,
    SESSION_3,
    STREAMER,
    STREAMER_2,
    UNKNOWN,
    VIEWER,
    a_claim,
    a_session,
)
from .promise import Promise
from .races import CALLERS, at_once
from .sessions_under_test import Element, SessionsSuite


class PresetConformance(SessionsSuite):
    @pytest.mark.parametrize("before", [None, "preview", "hd"])
    @Promise(Sessions.switch_preset, "switches")
    def test_the_active_sessions_preset_is_switched_l4(self, before: str | None) -> None:
        self.store(a_session(active=False, id=SESSION_2, preset="hd"))
        session = a_session(preset=before, claim=a_claim(), trigger_private_goal=Element(goal=GOAL))
        self.store(session)
        switched = evolve(session, preset="sd", sd_since=NOW)
        for from_preset, now in ((before, NOW), ("sd", OVER)):
            answer = self.sessions.switch_preset(STREAMER, "sd", now)
            assert answer == PresetSwitch(session=switched, from_preset=from_preset), "the result is wrong"
            assert self.fetched() == switched, "the preset is not all that changed"

    @Promise(Sessions.switch_preset, "which")
    def test_of_several_active_sessions_one_is_switched_d41(self) -> None:
        for session_id in (SESSION_2, SESSION):
            self.store(a_session(id=session_id, preset="preview"))
        self.store(a_session(id=SESSION_3, active=False))
        theirs = a_session(id=GOAL, streamer_id=STREAMER_2)
        self.store(theirs)
        named = self._switched(SESSION)
        assert named == SESSION, "the session that was asked for is not switched"
        for other in (None, SESSION_3, UNKNOWN, theirs.id, *MALFORMED_IDS):
            assert self._switched(other) == SESSION_2, f"{other!r} is no active session of theirs, so the newest is"
        assert self.sessions.fetch_active(theirs.id) == theirs, "another streamer's session was switched"

    def _switched(self, session_id: str | None) -> str | None:
        switch = self.sessions.switch_preset(STREAMER, "sd", NOW, session_id)
        return None if switch is None else switch.session.id

    @pytest.mark.parametrize(("since", "until"), [(None, None), (EXP, OVER)], ids=["never on sd", "on sd before"])
    @Promise(Sessions.switch_preset, "to_sd")
    def test_a_switch_to_sd_says_since_when_d40(self, since: datetime | None, until: datetime | None) -> None:
        session = a_session(preset="preview", sd_since=since, sd_until=until)
        self.store(session)
        for now in (NOW, EXP):
            self.sessions.switch_preset(STREAMER, "sd", now)
            assert self.fetched() == evolve(session, preset="sd", sd_since=NOW, sd_until=None), "the times are wrong"

    @Promise(Sessions.switch_preset, "to_sd")
    def test_a_session_on_sd_does_not_begin_anew_d40(self) -> None:
        session = a_session(preset="sd")
        self.store(session)
        self.sessions.switch_preset(STREAMER, "sd", NOW)
        assert self.fetched() == session, "nobody knows since when it is on sd"

    @pytest.mark.parametrize(
        ("since", "until", "then"),
        [(NOW, None, NOW), (None, None, OVER), (NOW, NOW, OVER)],
        ids=["known", "unknown", "of an earlier time"],
    )
    @Promise(Sessions.switch_preset, "from_sd")
    def test_a_switch_from_sd_says_until_when_d40(
        self, since: datetime | None, until: datetime | None, then: datetime
    ) -> None:
        session = a_session(preset="sd", sd_since=since, sd_until=until)
        self.store(session)
        for preset, now in (("preview", OVER), ("hd", EXP)):
            self.sessions.switch_preset(STREAMER, preset, now)
            switched = evolve(session, preset=preset, sd_since=then, sd_until=OVER)
            assert self.fetched() == switched, "the times are wrong"

    @Promise(Sessions.switch_preset, "none")
    def test_without_an_active_session_nothing_is_switched_l4(self) -> None:
        self.store(a_session(active=False))
        other = a_session(id=SESSION_2, streamer_id=STREAMER_2)
        self.store(other)
        for streamer_id in (STREAMER, VIEWER, *MALFORMED_IDS):
            assert self.sessions.switch_preset(streamer_id, "sd", NOW) is None, f"{streamer_id!r} has no active session"
        assert self.sessions.fetch_active(SESSION_2) == other, "another streamer's session was switched"

    @Promise(Sessions.switch_preset, "at_once")
    def test_each_of_many_switches_at_once_says_what_was_before_l4(self) -> None:
        self.store(a_session(preset="first"))
        presets = [str(number) for number in range(CALLERS)]
        answers = at_once([partial(self.sessions.switch_preset, STREAMER, preset, NOW) for preset in presets])
        befores = [switch.from_preset for switch in answers if isinstance(switch, PresetSwitch)]
        assert {*befores, self.fetched().preset} == {*presets, "first"}, "a switch does not say what was before it"
        assert len(befores) == CALLERS, "a switch was refused"
