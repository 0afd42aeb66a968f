"""What a port may raise besides the refusals of :mod:`show_goal.core.errors`."""

from __future__ import annotations

from ..core.errors import Refused, ShowGoalError


class Unavailable(ShowGoalError):
    """A dependency did not answer in time: the call may have taken effect or not. Repeating it is right and safe.

    A request answers 503 with Retry-After, a task is retried (D27).
    """


class StoreUnavailable(Unavailable):
    """The database behind sessions, goals, viewers, feed, tracker or channel cache."""


class WalletUnavailable(Unavailable):
    """The wallet."""


class TaskQueueUnavailable(Unavailable):
    """The broker. The message may have been queued all the same: tasks are idempotent (D19)."""


class GoalNotCreatedYet(Unavailable):
    """A message about a goal has overtaken the one that creates it: it will be there at a retry."""


class NotifierUnavailable(Unavailable):
    """The channel service."""


class NotificationRefused(Refused):
    """The channel service will never take this notification: it is too large, or our credentials are wrong."""

    code = reason = "notification_refused"
