"""What :class:`show_goal.ports.keyed_requests.KeyedRequests` promises."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from attrs import evolve

from ...core.keyed_request import KEPT, LEASE, Accepted, KeyedRequest
from ...ports.keyed_requests import KeyedRequests
from .examples import EXP, GOAL, GOAL_2, NOW, ODD_USERS, SESSION, SESSION_2, TICK, VIEWER, VIEWER_2
from .promise import Conformance, Promise
from .races import CALLERS, at_once

FIRST = KeyedRequest(viewer_id=VIEWER, session_id=SESSION, key="key", asked="90 s", attempt="1", since=NOW)
RETRY = evolve(FIRST, attempt="2", since=NOW + TICK)
ANSWER = Accepted(goal_id=GOAL, transaction_id=f"session:trigger-private:{GOAL}:{VIEWER}", amount=90, exp=EXP)
ANSWERED = evolve(FIRST, answer=ANSWER)
LATE = evolve(RETRY, since=NOW + LEASE)


class KeyedRequestsConformance(Conformance[KeyedRequests]):
    """``under_test`` returns the adapter, without requests."""

    def take(self, under_test: KeyedRequests) -> None:
        self.requests = under_test

    @Promise(KeyedRequests.claim, "takes")
    def test_a_free_key_takes_the_request_d29(self) -> None:
        assert self.requests.claim(FIRST) == FIRST, "another request is returned"
        assert self.requests.claim(RETRY) == FIRST, "another request is stored"

    @pytest.mark.parametrize(
        "changes",
        [{"viewer_id": VIEWER_2}, {"session_id": SESSION_2}, *({"key": key} for key in ODD_USERS if key)],
    )
    @Promise(KeyedRequests.claim, "own")
    def test_every_viewer_has_keys_of_their_own_in_every_session_d29(self, changes: dict[str, Any]) -> None:
        self.requests.claim(FIRST)
        other = evolve(RETRY, **changes)
        assert self.requests.claim(other) == other, "another key's request is returned"
        assert self.requests.claim(RETRY) == FIRST, "another key's request took its place"

    @pytest.mark.parametrize(
        "other", [RETRY, evolve(LATE, since=LATE.since - TICK), evolve(LATE, asked="60 s", since=NOW + KEPT - TICK)]
    )
    @Promise(KeyedRequests.claim, "stands")
    def test_a_request_under_way_keeps_its_key_d29(self, other: KeyedRequest) -> None:
        self.requests.claim(FIRST)
        for _ in range(2):
            assert self.requests.claim(other) == FIRST, "the key went to another request"

    @Promise(KeyedRequests.claim, "stands")
    def test_an_answered_request_keeps_its_key_d29(self) -> None:
        self.answered()
        assert self.requests.claim(evolve(LATE, since=NOW + KEPT - TICK)) == ANSWERED, "the first answer is lost"

    @Promise(KeyedRequests.claim, "goes_on")
    def test_a_retry_goes_on_where_a_request_broke_off_d29(self) -> None:
        self.requests.claim(FIRST)
        assert self.requests.claim(LATE) == LATE, "the key stays with a request that broke off"
        assert self.requests.claim(evolve(LATE, attempt="3")) == LATE, "and now it is the retry's"

    @pytest.mark.parametrize("answered", [False, True])
    @Promise(KeyedRequests.claim, "forgets")
    def test_a_key_is_free_after_a_day_d29(self, answered: bool) -> None:
        self.answered() if answered else self.requests.claim(FIRST)
        new = evolve(RETRY, asked="60 s", since=NOW + KEPT)
        assert self.requests.claim(new) == new, "the key is still taken"
        assert self.requests.claim(evolve(new, attempt="3")) == new, "an old answer came back"

    @pytest.mark.parametrize("before", [None, FIRST], ids=["free", "broken off"])
    @Promise(KeyedRequests.claim, "one")
    def test_of_many_at_once_one_may_act_d29(self, before: KeyedRequest | None) -> None:
        if before is not None:
            self.requests.claim(before)
        calls = [evolve(LATE, attempt=f"of {number}") for number in range(CALLERS)]
        got = at_once([partial(self.requests.claim, each) for each in calls])
        assert len({str(each) for each in got}) == 1, "several may act"
        assert got[0] in calls, "nobody may act"

    @Promise(KeyedRequests.finish, "answers")
    def test_a_retry_finds_the_first_answer_d29(self) -> None:
        self.answered()
        assert self.requests.claim(RETRY) == ANSWERED, "the answer is missing or changed"

    @pytest.mark.parametrize("exp", [EXP, None])
    @Promise(KeyedRequests.finish, "answers")
    def test_the_answer_is_stored_with_every_field_d29(self, exp: Any) -> None:
        self.requests.claim(FIRST)
        self.requests.finish(FIRST, ANSWER._replace(exp=exp))
        assert self.requests.claim(RETRY).answer == ANSWER._replace(exp=exp), "the answer is missing or changed"

    @Promise(KeyedRequests.finish, "attempt")
    def test_an_attempt_that_lost_the_key_answers_nothing_d29(self) -> None:
        self.requests.finish(FIRST, ANSWER)
        self.requests.claim(FIRST)
        self.requests.finish(RETRY, ANSWER._replace(goal_id=GOAL_2))
        assert self.requests.claim(RETRY) == FIRST, "another attempt's answer was stored"

    @pytest.mark.parametrize("released", [False, True])
    @Promise(KeyedRequests.note, "notes")
    def test_a_retry_is_told_what_was_tried_d29(self, released: bool) -> None:
        self.tried()
        for _ in range(2 if released else 0):
            self.requests.release(FIRST)
        retry = RETRY if released else LATE
        assert self.requests.claim(retry) == evolve(retry, tried=ANSWER), "nobody knows what was tried"
        self.requests.release(retry)
        third = evolve(retry, attempt="3")
        assert self.requests.claim(third) == evolve(third, tried=ANSWER), "the retry has forgotten it"

    @Promise(KeyedRequests.note, "notes")
    def test_what_was_tried_is_forgotten_after_a_day_d29(self) -> None:
        self.tried()
        new = evolve(RETRY, since=NOW + KEPT)
        assert self.requests.claim(new) == new, "the key knows what was tried for another request"

    @Promise(KeyedRequests.note, "attempt")
    def test_an_attempt_that_lost_the_key_notes_nothing_d29(self) -> None:
        self.requests.note(FIRST, ANSWER)
        self.requests.claim(FIRST)
        self.requests.note(RETRY, ANSWER)
        assert self.requests.claim(RETRY) == FIRST, "another attempt has noted something"

    @Promise(KeyedRequests.release, "frees")
    def test_a_key_that_was_tried_is_free_for_the_same_body_only_d29(self) -> None:
        self.tried()
        self.requests.release(FIRST)
        assert self.requests.claim(evolve(RETRY, asked="60 s")).asked == FIRST.asked, "it went to another body"

    @Promise(KeyedRequests.release, "frees")
    def test_a_request_that_came_to_nothing_frees_its_key_d29(self) -> None:
        self.requests.claim(FIRST)
        for _ in range(2):
            self.requests.release(FIRST)
        other = evolve(RETRY, asked="60 s")
        assert self.requests.claim(other) == other, "the key is still taken"

    @Promise(KeyedRequests.release, "attempt")
    def test_only_the_attempt_that_has_the_key_frees_it_and_not_after_its_answer_d29(self) -> None:
        self.requests.claim(FIRST)
        self.requests.release(RETRY)
        assert self.requests.claim(RETRY) == FIRST, "another attempt freed the key"
        self.requests.finish(FIRST, ANSWER)
        self.requests.release(FIRST)
        assert self.requests.claim(RETRY) == ANSWERED, "an answer was forgotten"

    def tried(self) -> None:
        self.requests.claim(FIRST)
        self.requests.note(FIRST, ANSWER)

    def answered(self) -> None:
        self.requests.claim(FIRST)
        self.requests.finish(FIRST, ANSWER)
