from __future__ import annotations

import pytest

from show_goal.core.model import price


@pytest.mark.parametrize(
    ("rate", "duration", "expected"),
    [(60, 60, 60), (60, 1, 1), (7, 61, 8), (7, 60, 7), (100, 59, 99), (0, 21_600, 0), (2**60, 61, 1172136863016961093)],
)
def test_price_is_the_rate_for_sixty_seconds_rounded_up_D11(rate: int, duration: int, expected: int) -> None:
    assert price(rate, duration) == expected
