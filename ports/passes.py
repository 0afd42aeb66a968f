"""The passes to private shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from ..core.model import ViewerPass


class Passes(Protocol):
    """One pass for each session and viewer (D36). :mod:`core.rules.passes` adds up what its goals give.

    The port does not ask whether the session exists. Every method may raise StoreUnavailable, and may be repeated.
    """

    def admit(self, session_id: str, goal_id: str, viewers: Mapping[str, ViewerPass], now: datetime) -> None:
        """Give each viewer the time that the goal gives them: {nbf, duration, exp} (L3).

        Each viewer's pass changes atomically. If it raises, some of them may have changed.

        Promises:
            - admits: Each viewer gets their pass to this session. Every other pass stays unchanged.
            - at_once: Viewers who are admitted at once are all admitted.
            - adds_up: Time given while the viewer's pass runs is added to it: it then ends ``duration`` seconds after
              its old exp (D37). That is so even if several goals give time at once.
            - once: A goal gives its time once. If it is given again with a later nbf, the later one counts (D38).
            - late: Time that was not given before begins ``now`` if its nbf is past: nobody pays for time that is over.
            - any_text: A viewer id may be any text, for example one with dots.
        """
        ...

    def take_back(self, session_id: str, goal_id: str, viewer_ids: Iterable[str], now: datetime) -> None:
        """Take from each viewer what the goal gave them (D39).

        Promises:
            - takes_back: The goal's time is gone from these viewers' passes. All other time stays.
            - begun: Time of other goals that has begun by ``now`` stays where it is. What has not begun moves up (D37).
            - for_good: The goal gives these viewers no time any more, even if it never had, or if both happen at once.
        """
        ...

    def shorten(self, session_id: str, goal_id: str, ends: Mapping[str, datetime], now: datetime) -> None:
        """Let the time that the goal gives each viewer end at this moment, if it would last longer (D39).

        Promises:
            - shortens: The goal's time ends then, to the next second. Time that other goals give stays.
            - begun: Time of other goals that has begun by ``now`` stays where it is. What has not begun moves up (D37).
            - never_longer: Time that ends before stays as it is, also if the goal gives the same time once more.
            - none: A viewer to whom the goal gives nothing gets nothing.
        """
        ...

    def begins(self, session_id: str, goal_id: str, viewer_ids: Iterable[str]) -> Mapping[str, datetime | None]:
        """Return when the time that the goal gives begins, for each viewer who has it, or had it.

        Promises:
            - begins: Its nbf, or the end of the time that it was added to (D37).
            - none: A viewer to whom the goal gives nothing is left out.
            - taken_back: It is None if the time was taken back: a refund goes on, whatever the rule says now (D39).
        """
        ...

    def find(self, session_id: str, viewer_id: str) -> ViewerPass | None:
        """Return the viewer's pass to the session.

        The cost must not depend on how many viewers have a pass.

        Promises:
            - found: The pass, whether or not its time is over.
            - none: None if this viewer has no pass to this session.
        """
        ...
