"""What holds of shows, karaoke and exclusive shows: after every step, and once everything has come to rest."""

from __future__ import annotations

from collections.abc import Iterator

from ...core import names
from ...core.model import ShowGoalPair
from .endings import may_go_unheard, unheard
from .records import GoalRecord
from .world import World


def shows_stand_as_bound(world: World) -> Iterator[str]:
    """a session's show_goal_pair is as goals were bound, and has the ends that it was told (L5)"""
    for session in world.sessions:
        standing, should = world.adapters["sessions"].fetch_active(session.id), world.places.pair(session.id)
        if standing is not None and _form(standing.show_goal_pair) != _form(should):
            yield f"session {session.id} has {standing.show_goal_pair}, and should have {should}"


def snapshots_rest_while_asked(world: World) -> Iterator[str]:
    """snapshots rest exactly while an exclusive goal asks for it (N6)"""
    if world.snapshots.changed:
        for streamer_id, asking in world.snapshots.stopped_by.items():
            if world.host.snapshots_rest(world.adapters, streamer_id) is not bool(asking):
                yield f"asked for by {sorted(asking)}, snapshots of {streamer_id} do not know"
        world.snapshots.changed = False


def exclusive_goals_ask(world: World) -> Iterator[str]:
    """an exclusive goal that was created asks snapshots to rest until it ends (L5)"""
    for goal_id in sorted(world.records.touched):
        goal = world.records.goals[goal_id]
        if goal._cls == names.EXCLUSIVE_GOAL and goal.created and goal.ended is None:
            streamer_id = _streamer(world, goal)
            if goal.id not in world.snapshots.stopped_by.get(streamer_id, ()):
                yield f"goal {goal.id} goes on, and snapshots are taken of {streamer_id}"


def no_end_is_missed(world: World) -> Iterator[str]:
    """an end is never missed, however close to the binding it comes (N2)"""
    for goal_id in sorted(world.records.touched):
        goal = world.records.goals[goal_id]
        if goal.created and goal.stands and goal.element_ended and not goal.marked:
            yield f"{goal._cls} {goal.id} was bound and has ended, and session {goal.session_id} has no end of it"


STEP = (shows_stand_as_bound, snapshots_rest_while_asked, exclusive_goals_ask, no_end_is_missed)


def ends_are_marked(world: World) -> Iterator[str]:
    """whatever has ended is marked as ended where it stands (N2)"""
    for goal in _neighbours(world):
        if goal.stands and goal.ended and not goal.marked and not _cut_off(world, goal):
            yield f"{goal._cls} {goal.id} has ended, and session {goal.session_id} does not say so"


def what_is_followed_names_it(world: World) -> Iterator[str]:
    """a goal whose show, or exclusive show, has its place names it in its context (L5)"""
    for goal in _neighbours(world):
        followed = world.adapters["goals"].get(goal.follows) if goal.follows and _came_through(world, goal) else None
        if followed is not None and goal.id not in followed.context.values():
            yield f"goal {goal.follows} has {goal.id} beside it, and its context is {followed.context}"


def only_agreed_requests_wait(world: World) -> Iterator[str]:
    """a request that ended without a consent leaves no pair (N3)"""
    for goal in _neighbours(world):
        if goal._cls == names.TRIGGER_EXCLUSIVE_GOAL and goal.stands and goal.ended and not goal.agreed:
            followed = any(other.follows == goal.id and other.bound for other in _neighbours(world))
            if not followed and not _cut_off(world, goal):
                yield f"goal {goal.id} was not agreed to, and {goal.viewer_id} has its pair still"


def no_snapshots_rest_for_what_has_ended(world: World) -> Iterator[str]:
    """snapshots are taken again once the exclusive goal has ended (N6)"""
    for streamer_id, asking in world.snapshots.stopped_by.items():
        for goal in [world.records.goals[goal_id] for goal_id in sorted(asking)]:
            if goal.ended and not _cut_off(world, goal):
                yield f"goal {goal.id} has ended, and no snapshots are taken of {streamer_id}"


def viewers_know_of_exclusive_shows(world: World) -> Iterator[str]:
    """the viewer of an exclusive show hears of its beginning, and everybody of its end (N4, N5)"""
    for goal in _neighbours(world):
        if goal._cls != names.EXCLUSIVE_GOAL or not goal.viewer_id:
            continue
        streamer_id = _streamer(world, goal)
        own = names.preview_channel(streamer_id, goal.viewer_id)
        if goal.ended and not may_go_unheard(world, goal):
            yield from unheard(names.EXCLUSIVE_CLOSED, goal, names.announcement_channels(streamer_id))
        if _came_through(world, goal):
            yield from unheard(names.STREAM_AUTHORIZED, goal, [own])


def funders_see_the_show(world: World) -> Iterator[str]:
    """whoever had paid for the funding goal hears of its show (N4)"""
    for show in _neighbours(world):
        holds = world.ledger.holds.values() if show._cls == names.SHOW_GOAL and _came_through(world, show) else ()
        for hold in holds:
            if hold.goal_id == show.follows and world.ledger.placed[hold.transaction_id] < show.bound_at:
                own = names.preview_channel(_streamer(world, show), hold.from_user_id)
                yield from unheard(names.STREAM_AUTHORIZED, show, [own])


THE_END = (
    ends_are_marked,
    what_is_followed_names_it,
    only_agreed_requests_wait,
    no_snapshots_rest_for_what_has_ended,
    viewers_know_of_exclusive_shows,
    funders_see_the_show,
)


def _neighbours(world: World) -> list[GoalRecord]:
    return [goal for goal in world.records.goals.values() if not goal.private]


def _streamer(world: World, goal: GoalRecord) -> str:
    return world.records.sessions[goal.session_id or ""].streamer_id


def _came_through(world: World, goal: GoalRecord) -> bool:
    """It has its place in a session that goes on, and nothing that was to follow from that was lost."""
    session = world.records.sessions[goal.session_id or ""]
    return goal.stands and session.active and not world.records.was_lost(goal.id, "create_goal")


def _cut_off(world: World, goal: GoalRecord) -> bool:
    """Whoever was to write it was cut off for good: who ended the goal, or who bound it just as it ended."""
    return may_go_unheard(world, goal) or world.records.was_lost(goal.id, "create_goal")


def _form(pair: ShowGoalPair | None) -> tuple[object, ...] | None:
    """Which goals, and which of them have ended."""
    if pair is None:
        return None
    return pair.funding_goal, pair.funding_ended is None, pair.show_goal, pair.show_ended is None
