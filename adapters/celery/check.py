"""Which settings of an app are unsafe for money?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from celery import Celery

from ...core.messages import Message, Sweep
from .app import SCHEMES
from .messages import MESSAGES
from .queues import driver_type
from .routes import routes_of
from .settings import SWEEP_LIMITS, CelerySettings
from .workers import without_time_limits

PICKLE = {"pickle", "application/x-python-serialize"}
JSON = {"json", "application/json"}
CELERYS_VISIBILITY_TIMEOUT = 3600
OUR_TASKS = f"{__package__}.tasks"
"""The module of the tasks that we register. A host's own task under one of the names has limits of its own."""


def registered_settings(app: Celery) -> CelerySettings | None:
    """Those with which the flow's tasks were registered on the app, of several the first; None if they were not."""
    steps: Any = app.steps
    found = (getattr(step, "settings", None) for step in sorted(steps["worker"], key=lambda step: str(step.name)))
    return next((settings for settings in found if isinstance(settings, CelerySettings)), None)


def unsafe_settings(app: Celery, settings: CelerySettings) -> list[str]:
    """The settings of the app, and of the flow's tasks on it, that could lose or repeat a message about money.

    Each text says what is wrong and what to set. Connects to nothing. CeleryTaskQueue publishes safely despite them;
    Celery's own retries and the worker do not.
    """
    checks = (
        _of_the_app(app),
        _of_the_routes(app, settings),
        _of_the_broker(app, settings),
        *(_of_the_task(app, settings, kind) for kind in MESSAGES),
    )
    return [*chain.from_iterable(checks)]


def unsafe_pool(worker: Any) -> list[str]:
    """The same of a worker that starts: it may have a pool that no setting of the app names."""
    pool = without_time_limits(worker.pool_cls.__module__)
    if pool is None:
        return []
    return [f"the pool {pool} keeps no time limits: a task that hangs never ends; start the worker with --pool prefork"]


def _of_the_app(app: Celery) -> Iterator[str]:
    conf = app.conf
    accepted = set(conf.accept_content or ())
    if registered_settings(app) is None:
        yield "the app lacks the flow's tasks: no worker runs them; call container.worker() in a module that it imports"
    if not conf.broker_write_url:
        yield "broker_url is not set: Celery connects to a broker on localhost; set broker_url"
    for scheme in _unknown_schemes(conf.broker_write_url):
        yield f"broker_url has {scheme}://: the flow knows {', '.join(SCHEMES)}; set it to an address of one of these"
    if accepted & PICKLE:
        yield "accept_content has pickle: anyone who reaches the broker can run code in the workers; set it to ['json']"
    if not accepted & JSON:
        yield "accept_content lacks json: the worker throws the flow's messages away; add 'json'"
    if not conf.broker_pool_limit:
        yield f"broker_pool_limit is {conf.broker_pool_limit}: every retry opens a connection; set it to 10 or more"


def _unknown_schemes(urls: str | Sequence[str] | None) -> list[str]:
    """Redis Sentinel is one of them: what asks it waits for as long as there is no master."""
    listed = urls.split(";") if isinstance(urls, str) else urls or ()
    schemes = dict.fromkeys(url.partition("://")[0] for url in listed if "://" in url)
    return [scheme for scheme in schemes if scheme not in SCHEMES]


def _of_the_routes(app: Celery, settings: CelerySettings) -> Iterator[str]:
    for name, why in routes_of(app, settings).unusable.items():
        yield f"{name} has no queue, so no message gets through: {why}; correct task_routes or task_queues"


def _of_the_broker(app: Celery, settings: CelerySettings) -> Iterator[str]:
    redis = driver_type(app) == "redis"
    options = app.conf.broker_transport_options
    needed = ("socket_timeout", "socket_connect_timeout") if redis else ("read_timeout", "write_timeout")
    for name in needed:
        if not options.get(name):
            yield f"broker_transport_options lacks {name}: a broker that hangs blocks the worker for ever; set it to 10"
    if not redis and not options.get("confirm_publish"):
        yield "broker_transport_options lacks confirm_publish: what your own tasks publish can be lost; set it to True"
    if redis:
        yield from _of_redis(options.get("visibility_timeout") or CELERYS_VISIBILITY_TIMEOUT, settings)


def _of_redis(timeout: float, settings: CelerySettings) -> Iterator[str]:
    """A host with long tasks of its own may need a longer time, and says so in CelerySettings."""
    wanted = settings.visibility_timeout.total_seconds()
    if timeout < wanted:
        yield (
            "broker_transport_options has a visibility_timeout shorter than a message may run: it is "
            f"delivered again meanwhile; set it to {wanted:.0f} or more"
        )
    if timeout > wanted:
        yield (
            f"broker_transport_options has a visibility_timeout of {timeout:.0f} s: a killed worker's messages come "
            f"no sooner; set it to {wanted:.0f}, or CelerySettings(visibility_timeout=...) to what you need"
        )


def _of_the_task(app: Celery, settings: CelerySettings, kind: type[Message]) -> Iterator[str]:
    name = settings.task_names[kind.name]
    task: Any = app.tasks.get(name)
    if task is None:
        return
    if not task.acks_late:
        yield f"{name} has acks_late off: a killed worker's messages are lost; set it to True"
    if not task.reject_on_worker_lost:
        yield f"{name} has reject_on_worker_lost off: a killed process' message is lost; set it to True"
    if not task.ignore_result:
        yield f"{name} has ignore_result off: nobody reads its results, which pile up; set it to True"
    if task.__module__ == OUR_TASKS:
        yield from _of_our_task(app, settings, kind, task)


def _of_our_task(app: Celery, settings: CelerySettings, kind: type[Message], task: Any) -> Iterator[str]:
    """What an app's settings, or its ``task_annotations``, have changed."""
    for name in ("acks_on_failure", "acks_on_timeout"):
        if getattr(task, name):
            yield f"{task.name} has {name} on: a message is lost that ends so; set it to False"
    if task.rate_limit and not app.conf.worker_disable_rate_limits:
        yield f"{task.name} has a rate_limit of {task.rate_limit}: its messages wait in a worker; set it to 0"
    limits = SWEEP_LIMITS if kind is Sweep else (settings.soft_time_limit, settings.time_limit)
    for name, wanted in zip(("soft_time_limit", "time_limit"), limits, strict=True):
        found = getattr(task, name)
        if found != wanted:
            yield f"{task.name} has a {name} of {found}: the flow counts on {wanted}; take it out of task_annotations"
