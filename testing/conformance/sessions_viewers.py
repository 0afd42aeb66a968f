"""Sessions: what ``admit_viewers`` and ``switch_preset`` promise."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve

from ...core.model import ViewerPass
from ...ports.sessions import PresetSwitch, Sessions
from .examples import (
    GOAL,
    MALFORMED_IDS,
    NOW,
    ODD_USERS,
    SESSION,
    SESSION_2,
    STREAMER,
    STREAMER_2,
    TICK,
    VIEWER,
    VIEWER_2,
    a_claim,
    a_session,
)
from .promise import Promise
from .races import CALLERS, at_once
from .sessions_suite import Element, SessionsSuite, Store, Viewers, a_pass, fetched

ADMITS = Promise(
    Sessions.admit_viewers,
    "admits",
    "Set ``session.viewers.{viewer_id}`` = {nbf, duration, exp} for each (L3).",
)
AT_ONCE = Promise(
    Sessions.admit_viewers,
    "at_once",
    "Atomic for each viewer: viewers admitted at once are all admitted.",
)
LATER = Promise(
    Sessions.admit_viewers,
    "later",
    "A pass that begins later stands, so that a repeat for an old goal takes nothing away.",
)
ANY_TEXT = Promise(Sessions.admit_viewers, "any_text", "``viewer_id`` may be any text.", "takes_any_user_id")
NO_SESSION = Promise(
    Sessions.admit_viewers,
    "missing",
    "A session that is missing is no error, and one that is inactive admits them.",
)
SWITCHES = Promise(
    Sessions.switch_preset,
    "switches",
    "Set ``status.preset`` of the streamer's active session, and nothing else (L4).",
)
NOT_SWITCHED = Promise(Sessions.switch_preset, "none", "None when the streamer has no active session.")
SWITCHES_AT_ONCE = Promise(Sessions.switch_preset, "at_once", "Atomic: each of many at once says what stood before it.")


class Showing(SessionsSuite):
    """Who paid is admitted, and the private show begins."""

    @ADMITS
    def test_viewers_are_admitted_by_what_they_paid_for_l3(
        self, sessions: Sessions, store: Store, viewers: Viewers
    ) -> None:
        session = a_session(claim=a_claim())
        store(session)
        sessions.admit_viewers(SESSION, {VIEWER: a_pass(90)})
        sessions.admit_viewers(SESSION, {VIEWER_2: a_pass(180)})
        assert viewers(SESSION) == {VIEWER: a_pass(90), VIEWER_2: a_pass(180)}, "each viewer has their own pass"
        assert sessions.fetch_active(SESSION) == session, "admitting changes the viewers alone"

    @ADMITS
    def test_admitting_again_replaces_the_viewers_pass_l3(
        self, sessions: Sessions, store: Store, viewers: Viewers
    ) -> None:
        store(a_session())
        sessions.admit_viewers(SESSION, {VIEWER: a_pass(90), VIEWER_2: a_pass(180)})
        for _ in range(2):
            sessions.admit_viewers(SESSION, {VIEWER: a_pass(30)})
        assert viewers(SESSION) == {VIEWER: a_pass(30), VIEWER_2: a_pass(180)}, (
            "a pass was not replaced, or more than one"
        )

    @LATER
    def test_a_pass_that_begins_later_stands_l3(self, sessions: Sessions, store: Store, viewers: Viewers) -> None:
        store(a_session())
        later = ViewerPass(nbf=NOW + TICK, duration=90)
        sessions.admit_viewers(SESSION, {VIEWER: later})
        sessions.admit_viewers(SESSION, {VIEWER: ViewerPass(nbf=NOW, duration=30)})
        assert viewers(SESSION) == {VIEWER: later}, "a repeat for an old goal took a newer pass away"

    @pytest.mark.parametrize("viewer_id", ODD_USERS)
    @ANY_TEXT
    def test_a_viewers_id_may_be_any_text_l3(
        self, sessions: Sessions, store: Store, viewers: Viewers, viewer_id: str
    ) -> None:
        store(a_session())
        sessions.admit_viewers(SESSION, {VIEWER: a_pass(90), viewer_id: a_pass(1)})
        assert viewers(SESSION) == {VIEWER: a_pass(90), viewer_id: a_pass(1)}, "an id came back as another"

    @ADMITS
    def test_admitting_nobody_changes_nothing(self, sessions: Sessions, store: Store, viewers: Viewers) -> None:
        store(a_session())
        sessions.admit_viewers(SESSION, {})
        assert viewers(SESSION) == {}, "somebody was admitted"

    @NO_SESSION
    def test_viewers_of_an_inactive_session_are_admitted(
        self, sessions: Sessions, store: Store, viewers: Viewers
    ) -> None:
        store(a_session(active=False))
        sessions.admit_viewers(SESSION, {VIEWER: a_pass(90)})
        assert viewers(SESSION) == {VIEWER: a_pass(90)}, "a session that is inactive admits nobody"

    @pytest.mark.parametrize("session_id", [SESSION_2, *MALFORMED_IDS])
    @NO_SESSION
    def test_admitting_to_a_missing_session_is_no_error(
        self, sessions: Sessions, store: Store, viewers: Viewers, session_id: str
    ) -> None:
        store(a_session())
        sessions.admit_viewers(session_id, {VIEWER: a_pass(90)})
        assert viewers(SESSION) == {}, "another session admitted the viewer"

    @AT_ONCE
    def test_viewers_admitted_at_once_are_all_admitted(
        self, sessions: Sessions, store: Store, viewers: Viewers
    ) -> None:
        store(a_session())
        passes = {f"71e1{number:020x}": a_pass(number + 1) for number in range(CALLERS)}
        at_once([partial(sessions.admit_viewers, SESSION, {viewer: admitted}) for viewer, admitted in passes.items()])
        assert viewers(SESSION) == passes, "a viewer who paid was forgotten"

    @pytest.mark.parametrize("before", [None, "preview", "sd"])
    @SWITCHES
    def test_a_streamer_switches_the_active_session_l4(
        self, sessions: Sessions, store: Store, before: str | None
    ) -> None:
        store(a_session(active=False, id=SESSION_2, preset="hd"))
        session = a_session(preset=before, claim=a_claim(), trigger_private_goal=Element(goal=GOAL))
        store(session)
        switched = evolve(session, preset="sd")
        answer = sessions.switch_preset(STREAMER, "sd")
        assert answer == PresetSwitch(session=switched, from_preset=before), "something else was returned"
        assert sessions.fetch_active(SESSION) == switched, "switching changes the preset alone"

    @SWITCHES
    def test_switching_again_is_from_the_same_preset_l4(self, sessions: Sessions, store: Store) -> None:
        store(a_session())
        sessions.switch_preset(STREAMER, "sd")
        again = sessions.switch_preset(STREAMER, "sd")
        assert again == PresetSwitch(session=a_session(preset="sd"), from_preset="sd"), "it was 'sd' before"

    @pytest.mark.parametrize("streamer_id", [STREAMER_2, VIEWER, *MALFORMED_IDS])
    @NOT_SWITCHED
    def test_who_does_not_stream_switches_nothing_l4(self, sessions: Sessions, store: Store, streamer_id: str) -> None:
        store(a_session())
        assert sessions.switch_preset(streamer_id, "sd") is None, "somebody else's session was switched"
        assert fetched(sessions).preset is None, "somebody else's session was switched"

    @NOT_SWITCHED
    def test_a_session_that_ended_is_not_switched_l4(self, sessions: Sessions, store: Store) -> None:
        store(a_session(active=False))
        assert sessions.switch_preset(STREAMER, "sd") is None, "a session that has ended was switched"

    @SWITCHES_AT_ONCE
    def test_each_of_many_switches_at_once_follows_another_l4(self, sessions: Sessions, store: Store) -> None:
        store(a_session(preset="first"))
        presets = [str(number) for number in range(CALLERS)]
        answers = at_once([partial(sessions.switch_preset, STREAMER, preset) for preset in presets])
        befores = [switch.from_preset for switch in answers if isinstance(switch, PresetSwitch)]
        assert {*befores, fetched(sessions).preset} == {*presets, "first"}, "each switch says what was before it"
        assert len(befores) == CALLERS, "a switch was refused"
