"""The settings of the way to the workers: queues, task names, time limits, retries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import Attribute, field, frozen

from ...core.messages import Message, Sweep
from ...core.tasks.settle_escrow import STEP
from ...core.validation import at_least, more_than, must, typed
from .messages import MESSAGES

TASK_NAMES: Mapping[str, str] = {message.name: f"show_goal.{message.name}" for message in MESSAGES}

QUORUM = "quorum"
QUEUE_TYPES = (QUORUM, "classic")

SWEEP_LIMITS = (30, 45)
"""Soft and hard time limit of a sweep, in seconds: it goes on for a while when much is left undone."""

LONGEST_NAME = 224
"""Bytes. A routing key may have 255, and that of a sweep that waits has 24 before the queue's name and 7 behind it."""

_positive = more_than(0)
_positive_time = more_than(timedelta(0))
_queue_name = must(
    lambda name: name is None or 0 < len(name.encode()) <= LONGEST_NAME,
    f"a text that is not empty and has at most {LONGEST_NAME} bytes",
)


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

    queue: str | None = field(default="show_goal", validator=_queue_name)
    """A worker takes it and ``sweep_queue``; name both if you start one with ``--queues``. With None, the app's
    ``task_routes`` and default queue decide."""
    queue_type: str = field(default=QUORUM, validator=must(lambda kind: kind in QUEUE_TYPES, " or ".join(QUEUE_TYPES)))
    """Only for RabbitMQ: the type of the queues that we create. A queue that exists keeps its type."""
    task_names: Mapping[str, str] = field(default=TASK_NAMES, converter=_with_defaults, validator=_known_and_distinct)
    """The name that each task is published and registered under. Name only those that you want to change."""

    publish_timeout: float = field(default=1.0, validator=_positive)
    """Seconds that a publish waits for each of the broker's answers (D27)."""
    publish_connections: int = field(default=20, validator=_positive)
    """How many threads of a process can publish at once. Another one waits up to ``publish_timeout``."""
    max_backlog: int = field(default=300, validator=at_least(0))
    """While this many messages wait for the workers, new invitations get 503 (D27). Set it to what your workers do in
    about 3 s; a join is one message, a new goal two. With 0 none is refused."""
    sweep_interval: timedelta = field(default=timedelta(seconds=15), validator=_positive_time)
    """How often beat asks for a sweep (``schedule_sweeps``)."""

    soft_time_limit: int = field(default=6, validator=more_than(int(STEP.total_seconds())))
    """Seconds after which a task is interrupted and retried. A settlement moves money for 3 s at a time, and must come
    to the end of that. A sweep has ``SWEEP_LIMITS``."""
    time_limit: int = field(default=9, validator=_positive)
    """Seconds after which a task's process is killed and its message delivered again."""
    max_deliveries: int = field(default=5, validator=at_least(1))
    """How often a message may be delivered that kills its worker. Then it is set aside in ``dead_queue`` (D46)."""
    max_retries: int = field(default=20, validator=at_least(0))
    """How often a failed task is retried; with the default backoff that takes about ten minutes. Then the message is
    set aside in ``dead_queue`` with an ERROR in the log, and the sweeper settles what it left behind."""
    retry_backoff: int = field(default=1, validator=_positive)
    """The first retry comes within this many seconds, the next within twice as many, and so on, at a random moment."""
    retry_backoff_max: int = field(default=60, validator=_positive)
    """The longest that a retry waits, in seconds."""

    visibility_timeout: timedelta = field(default=timedelta(minutes=2), validator=_positive_time)
    """Only for Redis: this long after a worker dies, its messages are delivered again, give or take 10 s. It must be
    longer than a message may run and wait for the process that runs it; otherwise it comes twice."""

    def __attrs_post_init__(self) -> None:
        if self.soft_time_limit >= self.time_limit:
            raise ValueError("soft_time_limit must be shorter than time_limit")
        if self.visibility_timeout <= timedelta(seconds=self.time_limit):
            raise ValueError("visibility_timeout must be longer than time_limit")

    def queue_of(self, kind: type[Message]) -> str | None:
        """The queue of a message. None if the app's routes decide."""
        return self.sweep_queue if kind is Sweep else self.queue

    @property
    def sweep_queue(self) -> str:
        """Sweeps have a queue of their own, so that they run although the other one is full (D47)."""
        return f"{self._prefix}.sweeps"

    @property
    def dead_queue(self) -> str:
        """Where messages are set aside that no worker can run (D45, D46)."""
        return f"{self._prefix}.dead"

    @property
    def delay_queue(self) -> str:
        """Where messages wait until they are due. On RabbitMQ the first part of several names."""
        return f"{self._prefix}.delay"

    @property
    def _prefix(self) -> str:
        return self.queue or "show_goal"
