"""An adapter that breaks a promise fails its suite, at that promise alone, and is told so."""

from __future__ import annotations

from pathlib import Path

import pytest

from .running import outcomes_of, wrong_suites


@pytest.mark.parametrize("suite", wrong_suites(), ids=lambda path: path.stem)
def test_a_wrong_adapter_fails_at_the_promise_that_it_breaks_and_at_no_other(suite: Path) -> None:
    outcomes = outcomes_of(suite)
    broken = {str(wrong): outcome.broken for wrong, outcome in outcomes.items()}
    assert broken == {str(wrong): {wrong.promise, *wrong.also} for wrong in outcomes}
    for wrong, outcome in outcomes.items():
        said = outcome.failures[wrong.promise]
        assert any(wrong.says in each for each in said), f"{wrong}, not {wrong.says!r}, but:\n" + "\n".join(said)
