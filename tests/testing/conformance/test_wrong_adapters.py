"""An adapter that breaks a promise fails the promise's tests, and the failures say so."""

from __future__ import annotations

import pytest

from . import (
    wrong_books,
    wrong_channels,
    wrong_goals,
    wrong_keyed_requests,
    wrong_parts,
    wrong_passes,
    wrong_pledges,
    wrong_session_goals,
    wrong_sessions,
    wrong_shows,
    wrong_small,
    wrong_task_queue,
    wrong_wallet,
)
from .breaking import Wrong

WRONG: list[Wrong] = [
    *wrong_books.WRONG,
    *wrong_channels.WRONG,
    *wrong_goals.WRONG,
    *wrong_keyed_requests.WRONG,
    *wrong_parts.WRONG,
    *wrong_passes.WRONG,
    *wrong_pledges.WRONG,
    *wrong_session_goals.WRONG,
    *wrong_sessions.WRONG,
    *wrong_shows.WRONG,
    *wrong_small.WRONG,
    *wrong_task_queue.WRONG,
    *wrong_wallet.WRONG,
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_adapter_fails_at_the_promise_that_it_breaks(wrong: Wrong) -> None:
    failures = wrong.failures()
    assert failures, "the adapter passed"
    assert {said.partition(":")[0].split()[-1] for said in failures} == {wrong.promise}
    assert any(wrong.says in said for said in failures), "\n".join(failures)
