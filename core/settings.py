"""The numbers that a platform may choose. Everything else is fixed by the flow."""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen


@frozen(kw_only=True)
class Settings:
    """Defaults are those of the decisions named."""

    max_ttl: timedelta = timedelta(hours=1)
    """How far ahead an invitation's exp may lie (D6)."""
    max_duration: int = 21_600
    """The longest private show, in seconds (D7)."""
    cooldown: timedelta = timedelta(seconds=60)
    """How long a session rests after a private goal that was not agreed (D13)."""
    settle_delay: timedelta = timedelta(seconds=60)
    """How long after its end a goal is settled: the time in which an agreed show really starts (L3)."""
    eta_horizon: timedelta = timedelta(minutes=5)
    """A task due later than this is not published: brokers keep timers badly, and the sweeper sees to it (D26)."""
    sweep_limit: int = 100
    """How many of each kind one sweep takes care of; the next one goes on."""
    tag_prefix: str = "swag"
    """The first word of LIVESTREAM_SESSION_TRIGGER_PRIVATE (D4)."""
