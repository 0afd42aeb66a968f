"""What viewers have bought in a session, goal by goal, and when the time of each goal begins. Without the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from attrs import define, evolve, field

from ...core.model import ViewerPass

SECOND = timedelta(seconds=1)
NOTHING = ViewerPass(nbf=datetime.min.replace(tzinfo=UTC), duration=0)
"""What a goal gives a viewer who got their money back."""


@define
class Bought:
    given: dict[str, dict[str, ViewerPass]] = field(factory=dict)
    """By viewer and goal."""
    _moved: dict[str, Counter[str]] = field(factory=dict)

    def of(self, viewer_id: str, goal_id: str) -> ViewerPass | None:
        """What the goal gives the viewer; NOTHING if it was taken back, None if it never gave anything."""
        return self._of(viewer_id).get(goal_id)

    def moved(self, viewer_id: str) -> Mapping[str, int]:
        """By goal: how often time that was written late has moved the viewer's."""
        return dict(self._moved.get(viewer_id, {}))

    def give(self, viewer_id: str, goal_id: str, new: ViewerPass, now: datetime) -> None:
        """A goal counts once; it may begin anew, later. Time that is written late begins then (D38)."""
        theirs, before = self._of(viewer_id), self.begins(viewer_id)
        known = theirs.get(goal_id)
        if known is not None and (known == NOTHING or known.nbf >= new.nbf):
            return
        sees = known is not None and known.exp > new.nbf
        theirs[goal_id] = new if sees else evolve(new, nbf=max(new.nbf, now))
        after = self.begins(viewer_id)
        self._moved.setdefault(viewer_id, Counter()).update(goal for goal in before if after[goal] != before[goal])

    def take_back(self, viewer_id: str, goal_id: str, now: datetime) -> None:
        if self.of(viewer_id, goal_id) != NOTHING:
            self._leave_in_place(viewer_id, now)
            self._of(viewer_id)[goal_id] = NOTHING

    def shorten(self, viewer_id: str, goal_id: str, ends: datetime, now: datetime) -> None:
        begins = self.begins(viewer_id).get(goal_id)
        given = self.of(viewer_id, goal_id)
        if begins is None or given is None:
            return
        whole_seconds = max(0, -((begins - ends) // SECOND))
        if whole_seconds < given.duration:
            self._leave_in_place(viewer_id, now)
            self._of(viewer_id)[goal_id] = evolve(self._of(viewer_id)[goal_id], duration=whole_seconds)

    def begins(self, viewer_id: str) -> Mapping[str, datetime]:
        """By goal: a viewer's time of one begins when that of those before is over (D37)."""
        begins: dict[str, datetime] = {}
        ends: datetime | None = None
        for goal_id, each in self._in_order(viewer_id):
            begins[goal_id] = each.nbf if ends is None else max(each.nbf, ends)
            ends = begins[goal_id] + timedelta(seconds=each.duration)
        return begins

    def ends(self, viewer_id: str) -> datetime | None:
        """When the last of the viewer's time ends."""
        begins, order = self.begins(viewer_id), self._in_order(viewer_id)
        return begins[order[-1][0]] + timedelta(seconds=order[-1][1].duration) if order else None

    def _of(self, viewer_id: str) -> dict[str, ViewerPass]:
        return self.given.setdefault(viewer_id, {})

    def _in_order(self, viewer_id: str) -> Sequence[tuple[str, ViewerPass]]:
        theirs = [(goal_id, each) for goal_id, each in self._of(viewer_id).items() if each != NOTHING]
        return sorted(theirs, key=lambda one: one[1].nbf)

    def _leave_in_place(self, viewer_id: str, now: datetime) -> None:
        """Time that has begun begins there for good. What has not begun stays behind it."""
        begins, theirs = self.begins(viewer_id), self._of(viewer_id)
        begun = max((at for at in begins.values() if at <= now), default=NOTHING.nbf)
        for goal_id, each in self._in_order(viewer_id):
            del theirs[goal_id]  # the order of those that begin at once is that of the dictionary
            theirs[goal_id] = evolve(each, nbf=begins[goal_id] if begins[goal_id] <= now else max(each.nbf, begun))
