"""How a viewer's pass adds up from what their goals give (D36 to D39)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil

from attrs import evolve, frozen

from ..model import ViewerPass

NEVER = datetime.min.replace(tzinfo=UTC)


@frozen(kw_only=True)
class Bought:
    """What one goal gives a viewer: ``duration`` seconds from ``nbf``, or nothing any more once it is ``refunded``.

    ``goal_id`` is None for a pass of an older version, which does not say what it was paid with.
    """

    goal_id: str | None
    nbf: datetime
    duration: int
    refunded: bool = False


Change = Callable[[Sequence[Bought]], Sequence[Bought]]
"""What becomes of what a viewer has bought. It returns the same object if nothing changes."""


def bought_of(goal_id: str | None, viewers: Mapping[str, ViewerPass]) -> Mapping[str, Bought]:
    """What the goal gives each viewer."""
    return {
        viewer_id: Bought(goal_id=goal_id, nbf=each.nbf, duration=each.duration) for viewer_id, each in viewers.items()
    }


def with_bought(bought: Sequence[Bought], new: Bought, now: datetime) -> Sequence[Bought]:
    """A goal counts once. If it begins anew, the later begin counts (D38). What was refunded stays so (D39).

    Time that is written late begins ``now``, unless the viewer could see the show with what was known before.
    """
    known = next((one for one in bought if one.goal_id == new.goal_id), None)
    if known is not None and (known.refunded or known.nbf >= new.nbf):
        return bought
    seen = known is not None and known.nbf + timedelta(seconds=known.duration) > new.nbf
    written = evolve(new, nbf=new.nbf if seen else max(new.nbf, now))
    if known is None:
        return [*bought, written]
    return [written if one is known else one for one in bought]  # of two that begin at once, the order stays


def taken_back(bought: Sequence[Bought], goal_id: str, now: datetime) -> Sequence[Bought]:
    """From now on the goal gives nothing (D39). Time behind it moves up, unless it has begun (D37)."""
    if any(one.refunded for one in bought if one.goal_id == goal_id):
        return bought
    others = [one for one in _in_place(bought, now) if one.goal_id != goal_id]
    return [*others, Bought(goal_id=goal_id, nbf=NEVER, duration=0, refunded=True)]


def shortened(bought: Sequence[Bought], goal_id: str, ends: datetime, now: datetime) -> Sequence[Bought]:
    """The time that the goal gives ends at ``ends``, if it would last longer. Time behind it moves up, unless it has
    begun (D37)."""
    begins = begins_of(bought, goal_id)
    if begins is None:
        return bought
    left = max(0, ceil((ends - begins).total_seconds()))
    if all(one.duration <= left for one in bought if one.goal_id == goal_id):
        return bought
    return [evolve(one, duration=left) if one.goal_id == goal_id else one for one in _in_place(bought, now)]


def pass_of(bought: Iterable[Bought]) -> ViewerPass | None:
    """Time that is bought while other time runs is added to it (D37). After a pause a new pass begins.

    A pass of an older version may be for one of the goals: the one that ends later counts.
    """
    counts = sorted((one for one in bought if not one.refunded), key=lambda one: one.nbf)
    passes = [ViewerPass(nbf=one.nbf, duration=one.duration) for one in counts if one.goal_id is None]
    added: ViewerPass | None = None
    for one in counts:
        if one.goal_id is not None:
            added = _added(added, one)
    return max([*passes, *([added] if added else [])], key=lambda each: each.exp, default=None)


def begins_by_viewer(bought: Mapping[str, Sequence[Bought]], goal_id: str) -> Mapping[str, datetime | None]:
    """When the time that the goal gives each viewer begins. None if it was taken back."""
    given = {viewer_id: some for viewer_id, some in bought.items() if any(one.goal_id == goal_id for one in some)}
    return {viewer_id: begins_of(some, goal_id) for viewer_id, some in given.items()}


def begins_of(bought: Iterable[Bought], goal_id: str) -> datetime | None:
    """When the time that the goal gives begins. None if it gives nothing."""
    return next((begins for one, begins in _one_behind_the_other(bought) if one.goal_id == goal_id), None)


def _one_behind_the_other(bought: Iterable[Bought]) -> Iterator[tuple[Bought, datetime]]:
    """What the goals give, and when the time of each begins."""
    running: ViewerPass | None = None
    for one in sorted((one for one in bought if _is_given(one)), key=lambda one: one.nbf):
        yield one, one.nbf if running is None else max(one.nbf, running.exp)
        running = _added(running, one)


def _in_place(bought: Sequence[Bought], now: datetime) -> Sequence[Bought]:
    """Time that has begun stays where it is, although time before it is gone: it may be paid for already."""
    last, given = NEVER, list[Bought]()
    for one, begins in _one_behind_the_other(bought):
        last = begins if begins <= now else last
        given.append(evolve(one, nbf=max(one.nbf, last)))  # what has not begun stays behind what has
    return [*(one for one in bought if not _is_given(one)), *given]


def _is_given(one: Bought) -> bool:
    return not one.refunded and one.goal_id is not None


def _added(running: ViewerPass | None, new: Bought) -> ViewerPass:
    if running is None or running.exp < new.nbf:
        return ViewerPass(nbf=new.nbf, duration=new.duration)
    return ViewerPass(nbf=running.nbf, duration=running.duration + new.duration)
