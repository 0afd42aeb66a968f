"""The numbers that a platform may choose. Everything else is fixed by the flow."""

from __future__ import annotations

from datetime import timedelta

from attrs import field, frozen

from .validation import at_least, must, not_empty, typed

_SECOND, _NOTHING = timedelta(seconds=1), timedelta(0)

LONGEST_SWEEP = timedelta(seconds=20)
"""A worker interrupts a sweep after 30 s, and when its time is over it still has its last steps to do."""
_time_of_a_sweep = must(lambda time: _SECOND <= time <= LONGEST_SWEEP, "1 s to 20 s")


@frozen(kw_only=True, field_transformer=typed)
class Settings:
    """The defaults are those of the decisions named. Raises InvalidValue, which names the field."""

    min_ttl: timedelta = field(default=timedelta(seconds=10), validator=at_least(_NOTHING))
    """How far ahead an invitation's exp is at least, so that the streamer has time to answer (D31)."""
    max_ttl: timedelta = field(default=timedelta(hours=1), validator=at_least(_SECOND))
    """How far ahead an invitation's exp may be (D6)."""
    max_duration: int = field(default=21_600, validator=at_least(1))
    """The longest private show, in seconds (D7)."""
    cooldown: timedelta = field(default=timedelta(seconds=60), validator=at_least(_NOTHING))
    """How long a session rests after a private goal to which the streamer did not agree (D13)."""
    settle_delay: timedelta = field(default=timedelta(seconds=60), validator=at_least(_NOTHING))
    """How long after its end a goal is settled. An agreed show must start within this time (L3)."""
    sweep_limit: int = field(default=100, validator=at_least(1))
    """How many of a kind a sweep reads at a time."""
    sweep_time: timedelta = field(default=timedelta(seconds=13), validator=_time_of_a_sweep)
    """How long a sweep goes on while there is work. The next one goes on then (D43). Keep it below the interval of the
    sweeps, so that one process of a small fleet is free of them."""
    tag_prefix: str = field(default="swag", validator=not_empty)
    """The first word of LIVESTREAM_SESSION_TRIGGER_PRIVATE (D4)."""
