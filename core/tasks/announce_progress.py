"""Task ``announce_progress``: announce what a goal's progress has become at the end of a busy second."""

from __future__ import annotations

from attrs import frozen

from ...ports.channel_cache import ChannelCache
from ...ports.clock import Clock
from ...ports.goals import Goals
from ...ports.notifier import Notifier
from ...ports.task_queue import TaskQueue
from .. import names
from ..events import GoalProgressed
from ..messages import AnnounceProgress
from ..model import AT_ONCE
from ..notifications import karaoke_updated, progress_updated
from ..trace import Tracer


@frozen(kw_only=True)
class AnnounceProgressTask:
    goals: Goals
    notifier: Notifier
    channel_cache: ChannelCache
    task_queue: TaskQueue
    clock: Clock
    tracer: Tracer

    def __call__(self, message: AnnounceProgress) -> None:
        """Send ``goal.progress.updated`` with the latest progress, and invalidate the channels' cached data.

        A karaoke goal's ``session.karaoke-goal-updated`` is sent with it.
        A later payment that has announced the progress leaves nothing to do.

        Idempotent: a repeat sends it again. Retry on Unavailable.
        """
        with self.tracer.unit("announce_progress", goal_id=message.goal_id):
            now = self.clock.now()
            progress = self.goals.announce(message.goal_id, message.insert_id, now)
            if progress is None or progress.announce_in is None or progress.goal.streamer_id is None:
                return
            if progress.announce_in > AT_ONCE:  # the message is early
                self.task_queue.trigger(message, eta=now + progress.announce_in)
                return
            event = GoalProgressed.of(progress.goal, insert_id=message.insert_id)
            self.notifier.notify(progress_updated(event, progress.goal.streamer_id))
            self.channel_cache.invalidate(names.cached_channels(progress.goal.streamer_id))
            if progress.goal._cls == names.KARAOKE_GOAL:
                self.notifier.notify(karaoke_updated(event, progress.goal.streamer_id))
