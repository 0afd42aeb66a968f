"""What a popular show took, and which bars it missed."""

from __future__ import annotations

from os import getloadavg
from statistics import median

from attrs import frozen


@frozen(kw_only=True)
class Figures:
    """``let_in`` is None if the streamer refused."""

    viewers: int
    agreed: bool
    metered: bool
    kills: int
    let_in: float | None
    moved: float
    joined: list[float]
    """How long each viewer who joined another goal meanwhile waited for their hold."""
    problems: list[str]

    def missed(self, let_in_within: float, moved_within: float, joined_within: float) -> list[str]:
        bars = {
            f"joins took longer than {joined_within:.0f} s": bool(self.kills) or max(self.joined) <= joined_within,
            f"not let in within {let_in_within:.0f} s": self.let_in is None or self.let_in <= let_in_within,
            f"not moved within {moved_within:.0f} s": self.moved <= moved_within,
            f"it went wrong: {self.problems[:5]}": not self.problems,
        }
        return [bar for bar, kept in bars.items() if not kept]

    def __str__(self) -> str:
        let_in = "" if self.let_in is None else f"let in {self.let_in:.1f} s after the agreement, "
        ended = ("paid for the time shown" if self.metered else "released") if self.agreed else "refunded"
        return (
            f"{self.viewers:,} viewers of one goal: {let_in}{ended} {self.moved:.1f} s after it was due; "
            f"meanwhile joins took {median(self.joined):.1f} s, at most {max(self.joined):.1f} s; "
            f"{self.kills} kills; load average {getloadavg()[0]:.1f}"
        )
