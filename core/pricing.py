"""What a private show costs (D11, D17)."""

from __future__ import annotations

SECONDS_PER_RATE = 60


def price(rate: int, duration: int) -> int:
    """The price of ``duration`` seconds at ``rate`` per 60 s, rounded up; whole units of the smallest coin.

    Integers only: ``ceil(rate x duration / 60)`` in floating point is off by one from 2**53 on.
    """
    return -(-rate * duration // SECONDS_PER_RATE)
