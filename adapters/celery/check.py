"""Which settings of an app are unsafe for money?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from celery import Celery
from celery.exceptions import QueueNotFound

from .queues import driver_type
from .settings import CelerySettings

PICKLE = {"pickle", "application/x-python-serialize"}
JSON = {"json", "application/json"}


def unsafe_settings(app: Celery, settings: CelerySettings) -> list[str]:
    """The settings of the app, and of the flow's tasks on it, that could lose or repeat a message about money.

    Each text says what is wrong and what to set. Connects to nothing. CeleryTaskQueue publishes safely despite them;
    Celery's own retries and the worker do not.
    """
    checks = (
        _of_the_app(app),
        _of_the_routes(app, settings),
        _of_the_broker(app, settings),
        _of_the_tasks(app, settings),
    )
    return [*chain.from_iterable(checks)]


def _of_the_app(app: Celery) -> Iterator[str]:
    conf = app.conf
    accepted = set(conf.accept_content or ())
    if not conf.broker_write_url:
        yield "broker_url is not set: Celery connects to a broker on localhost; set broker_url"
    if conf.task_always_eager:
        yield "task_always_eager is on: tasks run inside the request, at once and only once; set it to False"
    if accepted & PICKLE:
        yield "accept_content has pickle: anyone who reaches the broker can run code in the workers; set it to ['json']"
    if not accepted & JSON:
        yield "accept_content lacks json: the worker throws the flow's messages away; add 'json'"
    if not conf.broker_pool_limit:
        yield f"broker_pool_limit is {conf.broker_pool_limit}: every retry opens a connection; set it to 10 or more"


def _of_the_routes(app: Celery, settings: CelerySettings) -> Iterator[str]:
    for name in settings.task_names.values() if settings.queue is None else ():
        try:
            app.amqp.router.route({}, name, (), {})
        except QueueNotFound as error:
            yield f"{error.args[0]}, where {name} goes: no request can be accepted; correct task_routes or task_queues"


def _of_the_broker(app: Celery, settings: CelerySettings) -> Iterator[str]:
    redis = driver_type(app) == "redis"
    options = app.conf.broker_transport_options
    needed = ("socket_timeout", "socket_connect_timeout") if redis else ("read_timeout", "write_timeout")
    for name in needed:
        if not options.get(name):
            yield f"broker_transport_options lacks {name}: a broker that hangs blocks the worker for ever; set it to 10"
    if not redis and not options.get("confirm_publish"):
        yield "broker_transport_options lacks confirm_publish: a retry can be lost with the broker; set it to True"
    least = settings.visibility_timeout.total_seconds()
    if redis and options.get("visibility_timeout", 3600) < least:
        yield (
            "broker_transport_options has a visibility_timeout shorter than a message may run: it is "
            f"delivered again meanwhile; set it to {least:.0f} or more"
        )


def _of_the_tasks(app: Celery, settings: CelerySettings) -> Iterator[str]:
    for name in settings.task_names.values():
        task = app.tasks.get(name)
        if task is None:
            continue
        if not task.acks_late:
            yield f"{name} has acks_late off: a killed worker's messages are lost; set it to True"
        if not task.reject_on_worker_lost:
            yield f"{name} has reject_on_worker_lost off: a killed process' message is lost; set it to True"
        if not task.ignore_result:
            yield f"{name} has ignore_result off: nobody reads its results, which pile up; set it to True"
