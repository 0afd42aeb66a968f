"""The settings of the way to the workers: queue, task names, time limits, retries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import Attribute, field, frozen

from ...core.validation import at_least, more_than, not_empty, typed
from .messages import MESSAGES

TASK_NAMES: Mapping[str, str] = {message.name: f"show_goal.{message.name}" for message in MESSAGES}

_positive = more_than(0)
_positive_time = more_than(timedelta(0))


def _with_defaults(names: Mapping[str, str]) -> Mapping[str, str]:
    return {**TASK_NAMES, **names} if isinstance(names, Mapping) else names


def _known_and_distinct(_: object, __: Attribute[Mapping[str, str]], names: Mapping[str, str]) -> None:
    if unknown := names.keys() - TASK_NAMES.keys():
        raise ValueError(f"task_names: the flow has no tasks {sorted(unknown)}, only {sorted(TASK_NAMES)}")
    if len(set(names.values())) < len(names):
        raise ValueError(f"task_names: two tasks share a name in {dict(names)}")


@frozen(kw_only=True, field_transformer=typed)
class CelerySettings:
    """The web processes, the workers and beat must use the same ``queue`` and ``task_names``."""

    queue: str | None = field(default="show_goal", validator=not_empty)
    """A durable queue. Make the worker of a host's app consume it (``celery worker --queues``). With None, the app's
    ``task_routes`` and default queue decide."""
    task_names: Mapping[str, str] = field(default=TASK_NAMES, converter=_with_defaults, validator=_known_and_distinct)
    """The name that each task is published and registered under. Name only those that you want to change."""

    publish_timeout: float = field(default=1.0, validator=_positive)
    """Seconds that a publish waits for each of the broker's answers (D27)."""
    publish_connections: int = field(default=20, validator=_positive)
    """How many threads of a process can publish at once. Another one waits up to ``publish_timeout``."""
    max_backlog: int = field(default=500, validator=at_least(0))
    """While this many messages wait for the workers, new invitations get 503 (D27). Set it to what your workers do in
    about 5 s; an invitation is three messages. With 0 none is refused."""
    sweep_interval: timedelta = field(default=timedelta(seconds=15), validator=_positive_time)
    """How often beat asks for a sweep (``schedule_sweeps``)."""

    soft_time_limit: int = field(default=30, validator=_positive)
    """Seconds after which a task is interrupted and retried."""
    time_limit: int = field(default=45, validator=_positive)
    """Seconds after which a task's process is killed and its message delivered again."""
    max_retries: int = field(default=20, validator=at_least(0))
    """How often a failed task is retried; with the default backoff that takes about ten minutes. Then the task is given
    up with an ERROR in the log, and the sweeper settles what it left behind."""
    retry_backoff: int = field(default=1, validator=_positive)
    """The first retry comes within this many seconds, the next within twice as many, and so on, at a random moment."""
    retry_backoff_max: int = field(default=60, validator=_positive)
    """The longest that a retry waits, in seconds."""

    visibility_timeout: timedelta = field(default=timedelta(minutes=6), validator=_positive_time)
    """Only for Redis: this long after a worker dies, its messages are delivered again, give or take 10 s. It must be
    longer than the flow's ``eta_horizon`` plus ``time_limit``; otherwise a message that still waits comes twice."""

    def __attrs_post_init__(self) -> None:
        if self.soft_time_limit >= self.time_limit:
            raise ValueError("soft_time_limit must be shorter than time_limit")
        if self.most_eta_horizon <= timedelta(0):
            raise ValueError("visibility_timeout must be longer than time_limit")

    @property
    def most_eta_horizon(self) -> timedelta:
        """The longest ``eta_horizon`` that the flow may have.

        A worker keeps a message until it is due, then runs it. Both must end before Redis gives it to another worker.
        """
        return self.visibility_timeout - timedelta(seconds=self.time_limit)
