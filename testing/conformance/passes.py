"""What :class:`show_goal.ports.passes.Passes` promises."""

from __future__ import annotations

from functools import partial

import pytest

from ...core.model import ViewerPass
from ...ports.passes import Passes
from .examples import NOW, ODD_USERS, SESSION, SESSION_2, TICK, UNKNOWN_IDS, VIEWER, VIEWER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

ANY_TEXT = Promise(Passes.admit, "any_text", "takes_any_user_id")
LATER = ViewerPass(nbf=NOW + TICK, duration=90)


class PassesConformance(Conformance[Passes]):
    """``under_test`` returns the adapter, without passes."""

    takes_any_user_id = True
    """False for a store that accepts only one form of user id, for example ObjectIds."""

    def take(self, under_test: Passes) -> None:
        self.passes = under_test

    @Promise(Passes.admit, "admits")
    def test_viewers_are_admitted_for_what_they_paid_l3(self) -> None:
        self.passes.admit(SESSION, {})
        self.passes.admit(SESSION, {VIEWER: _pass(90)})
        self.passes.admit(SESSION, {VIEWER_2: _pass(180)})
        assert self.found(VIEWER, VIEWER_2) == [_pass(90), _pass(180)], "a pass is missing or changed"
        for _ in range(2):
            self.passes.admit(SESSION, {VIEWER: _pass(30)})
        assert self.found(VIEWER, VIEWER_2) == [_pass(30), _pass(180)], "not this pass was replaced"

    @Promise(Passes.admit, "admits")
    def test_each_session_has_its_own_passes_d36(self) -> None:
        self.passes.admit(SESSION, {VIEWER: _pass(90)})
        self.passes.admit(SESSION_2, {VIEWER: LATER})
        assert self.passes.find(SESSION, VIEWER) == _pass(90), "another session's pass replaced it"
        assert self.passes.find(SESSION_2, VIEWER) == LATER, "the other session's pass is missing"

    @Promise(Passes.admit, "admits")
    def test_many_are_admitted_in_one_call_d36(self) -> None:
        passes = {f"71e1{number:020x}": _pass(number + 1) for number in range(250)}
        self.passes.admit(SESSION, passes)
        assert self.found(*passes) == [*passes.values()], "a viewer who paid is missing"

    @Promise(Passes.admit, "at_once")
    def test_viewers_admitted_at_once_are_all_admitted(self) -> None:
        passes = {f"71e1{number:020x}": _pass(number + 1) for number in range(CALLERS)}
        at_once([partial(self.passes.admit, SESSION, {viewer: passed}) for viewer, passed in passes.items()])
        assert self.found(*passes) == [*passes.values()], "a viewer who paid was lost"

    @Promise(Passes.admit, "later")
    def test_a_pass_that_begins_later_stays_l3(self) -> None:
        self.passes.admit(SESSION, {VIEWER: LATER})
        self.passes.admit(SESSION, {VIEWER: _pass(30), VIEWER_2: _pass(30)})
        assert self.found(VIEWER, VIEWER_2) == [LATER, _pass(30)], "a repeat for an old goal replaced the newer pass"

    @Promise(Passes.admit, "later")
    def test_of_passes_stored_at_once_the_latest_stays_l3(self) -> None:
        passes = [ViewerPass(nbf=NOW + TICK * number, duration=90) for number in range(CALLERS)]
        at_once([partial(self.passes.admit, SESSION, {VIEWER: each}) for each in passes])
        assert self.passes.find(SESSION, VIEWER) == passes[-1], "a race replaced the newer pass"

    @pytest.mark.parametrize("viewer_id", ODD_USERS)
    @ANY_TEXT
    def test_a_viewer_id_may_be_any_text_l3(self, viewer_id: str) -> None:
        others = [odd for odd in (*ODD_USERS, VIEWER) if odd != viewer_id]
        self.passes.admit(SESSION, {viewer_id: _pass(1)})
        assert self.passes.find(SESSION, viewer_id) == _pass(1), "the pass is not found"
        assert self.found(*others) == [None] * len(others), "the id became another one"

    @Promise(Passes.find, "found")
    def test_a_pass_is_found_as_it_was_stored(self) -> None:
        long_over = ViewerPass(nbf=NOW.replace(year=2000), duration=0)
        for each in (long_over, _pass(1), LATER):
            self.passes.admit(SESSION, {VIEWER: each})
            assert self.passes.find(SESSION, VIEWER) == each, "the pass is missing or changed"

    @Promise(Passes.find, "none")
    def test_who_was_not_admitted_has_no_pass(self) -> None:
        self.passes.admit(SESSION, {VIEWER: _pass(90)})
        assert self.passes.find(SESSION, VIEWER_2) is None, "another viewer's pass"
        for session_id in (SESSION_2, *UNKNOWN_IDS):
            assert self.passes.find(session_id, VIEWER) is None, f"{session_id!r} admitted nobody"

    def found(self, *viewers: str) -> list[ViewerPass | None]:
        return [self.passes.find(SESSION, viewer_id) for viewer_id in viewers]


def _pass(duration: int) -> ViewerPass:
    return ViewerPass(nbf=NOW, duration=duration)
