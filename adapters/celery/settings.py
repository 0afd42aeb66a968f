"""What a platform may choose about the way to its workers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import Attribute, field, frozen, validators

from .messages import MESSAGES

TASK_NAMES: Mapping[str, str] = {message.name: f"show_goal.{message.name}" for message in MESSAGES}

_positive = validators.gt(0)
_positive_seconds = validators.gt(0.0)
_positive_time = validators.gt(timedelta(0))


def _with_defaults(names: Mapping[str, str]) -> Mapping[str, str]:
    return {**TASK_NAMES, **names}


def _known_and_distinct(_: object, __: Attribute[Mapping[str, str]], names: Mapping[str, str]) -> None:
    if unknown := names.keys() - TASK_NAMES.keys():
        raise ValueError(f"task_names: {sorted(unknown)} are no tasks of the flow, which has {sorted(TASK_NAMES)}")
    if len(set(names.values())) < len(names):
        raise ValueError(f"task_names: two tasks share a name in {dict(names)}")


@frozen(kw_only=True)
class CelerySettings:
    """The web process, the workers and beat must agree on ``queue`` and ``task_names``."""

    queue: str | None = "show_goal"
    """A durable queue, which a host's worker must be told to consume (``celery worker --queues``). None leaves the way
    to the host app's ``task_routes`` and default queue."""
    task_names: Mapping[str, str] = field(default=TASK_NAMES, converter=_with_defaults, validator=_known_and_distinct)
    """The name under which each task is published and registered, for a host that has names of its own."""

    publish_timeout: float = field(default=1.0, validator=_positive_seconds)
    """Seconds that the broker has for each answer while a message is published (D27)."""
    publish_connections: int = field(default=20, validator=_positive)
    """How many threads of one process may publish at once; a further one waits ``publish_timeout``."""
    prepare_messages: bool = True
    """Publish messages whose form is prepared at start. False: each through ``Celery.send_task``, for a host that has
    put something of its own in that method's place; a request then takes a third longer."""
    sweep_interval: timedelta = field(default=timedelta(seconds=15), validator=_positive_time)
    """How often beat asks for a sweep (``schedule_sweeps``)."""

    soft_time_limit: int = field(default=30, validator=_positive)
    """Seconds after which a task is interrupted, and retried."""
    time_limit: int = field(default=45, validator=_positive)
    """Seconds after which the process of a task is killed, and its message delivered again."""
    max_retries: int = field(default=20, validator=validators.ge(0))
    """How often a failed task is retried: with the default backoff for some ten minutes. Then it is given up, with an
    ERROR in the log; the sweeper settles what it leaves behind."""
    retry_backoff: int = field(default=1, validator=_positive)
    """The first retry comes within so many seconds, the next within twice as many, and so on, at random (jitter)."""
    retry_backoff_max: int = field(default=60, validator=_positive)
    """No retry waits longer than this, in seconds."""

    visibility_timeout: timedelta = field(default=timedelta(minutes=6), validator=_positive_time)
    """Redis alone: how long after a worker's death its messages are delivered again, give or take 10 s (100 s with
    kombu 5.5). Longer than the flow's ``eta_horizon`` and ``time_limit`` together, or what still waits comes twice."""

    def __attrs_post_init__(self) -> None:
        if self.soft_time_limit >= self.time_limit:
            raise ValueError("soft_time_limit must be shorter than time_limit, which kills")
        if self.most_eta_horizon <= timedelta(0):
            raise ValueError("visibility_timeout must be longer than time_limit")

    @property
    def most_eta_horizon(self) -> timedelta:
        """The longest ``eta_horizon`` of the flow: a message waits in a worker's hands, then runs, and all that before
        Redis gives it to another."""
        return self.visibility_timeout - timedelta(seconds=self.time_limit)
