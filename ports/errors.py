"""What a port may raise, besides the refusals of :mod:`show_goal.core.errors`."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import Refused, ShowGoalError


class Unavailable(ShowGoalError):
    """A dependency did not answer in time. The call may have taken effect or not; repeating it is safe.

    A request gets 503 with Retry-After, and a task is retried (D27).
    """


class StoreUnavailable(Unavailable):
    """The database of sessions, goals, viewers, feed, tracker or channel cache did not answer."""


class UnreadableDocument(ShowGoalError):
    """A stored document cannot be read. The text names its id, the field, and what is wanted (D48).

    No retry helps. A request fails, so that no guard passes for what it cannot see; a sweep leaves the document out.
    """


class WalletUnavailable(Unavailable):
    """The wallet did not answer."""


class TaskQueueUnavailable(Unavailable):
    """The broker did not answer. The message may have been queued: tasks are idempotent (D19)."""


class GoalNotCreatedYet(Unavailable):
    """A message about a goal arrived before the goal was created. A retry finds the goal."""


class TaskQueueFull(Refused):
    """More messages wait than the workers can work off in time. Nothing was done; later there may be room."""

    code = reason = "overloaded"


class NotifierUnavailable(Unavailable):
    """The channel service did not answer."""


class NotificationRefused(Refused):
    """The channel service will never take this notification: it is too large, or our credentials are wrong.

    ``channels`` are those that the service does not take, if only their names are to blame. The others heard the event.
    """

    code = reason = "notification_refused"

    def __init__(self, text: str, channels: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.channels = channels
