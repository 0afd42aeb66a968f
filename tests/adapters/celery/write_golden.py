"""Write ``golden/``: what this version sends, as it is on the wire. For the next version, whose worker must run it.

By the code of a release: ``python -m tests.servers run -- python -m tests.adapters.celery.write_golden``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from celery import Celery
from celery.beat import ScheduleEntry, Scheduler

from show_goal.adapters.celery import CeleryTaskQueue, make_app, schedule_sweeps
from show_goal.core.messages import DeactivateGoal, IncrementGoalProgress, Message, SettleEscrow
from tests.adapters.celery.worker import delete_queue, own_settings, recording_worker
from tests.builders import EXP, GOAL, STREAMER, VIEWER, a_create_goal, a_transfer
from tests.servers import wait_until

GOLDEN = Path(__file__).parent / "golden"
FILTERS = {"active": True, "metadata.user_id": STREAMER}
TIMER = "_timer"
"""The end of the names of messages with an ``eta``."""


def messages(goal_id: str) -> Mapping[str, Message]:
    """All but the sweep, which beat sends."""
    transfer = a_transfer(goal_id)
    return {
        "create_goal": a_create_goal(goal_id=goal_id),
        "transfer": transfer,
        "transfer_without_duration": a_transfer(goal_id, duration=None),
        "deactivate_goal_agreed": DeactivateGoal(
            goal_id=goal_id, filters=FILTERS, triggerer=STREAMER, metadata={"agreed": EXP.isoformat()}
        ),
        "deactivate_goal_refused": DeactivateGoal(goal_id=goal_id, filters=FILTERS, triggerer=STREAMER),
        "deactivate_goal_timer": DeactivateGoal(goal_id=goal_id, exp=EXP),
        "increment_goal_progress": IncrementGoalProgress(
            goal_id=goal_id, amount=1, cost=90, breakdown_id=VIEWER, insert_id=transfer.transaction_id
        ),
        "settle_escrow_timer": SettleEscrow(goal_id=goal_id),
    }


def main(broker_url: str) -> None:
    GOLDEN.mkdir(exist_ok=True)
    settings = own_settings()
    app = make_app(broker_url, settings)
    task_queue = CeleryTaskQueue(app, settings)
    for name, message in messages(GOAL).items():
        task_queue.trigger(message, eta=EXP if name.endswith(TIMER) else None)
        write(name, app, settings.queue)
    schedule_sweeps(app, settings)
    sweep = ScheduleEntry(name="sweep", app=app, **app.conf.beat_schedule["show_goal.sweep"])
    Scheduler(app=app, lazy=True).apply_async(sweep)
    write("sweep", app, settings.sweep_queue)
    task_queue.close()
    delete_queue(broker_url, settings)
    write_retried(broker_url)


def write_retried(broker_url: str) -> None:
    settings = own_settings(retry_backoff_max=1)
    with TemporaryDirectory() as folder, recording_worker(broker_url, Path(folder), settings) as worker:
        worker.records.ask(GOAL, "fail", "hang")
        worker.task_queue.trigger(a_transfer())
        worker.runs(GOAL, 2)
        worker.process.kill()  # RabbitMQ has the second message back, as it was.
        write("transfer_retried", make_app(broker_url, settings), settings.queue)


def write(name: str, app: Celery, queue: str | None) -> None:
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        sent = wait_until(lambda: channel.basic_get(queue, no_ack=True), 30, name)
        message = channel.message_to_python(sent)
    properties = {name: value for name, value in message.properties.items() if name != "application_headers"}
    wire = {"properties": properties, "headers": message.headers, "body": json.loads(message.body)}
    (GOLDEN / f"{name}.json").write_text(json.dumps(wire, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(os.environ["RABBITMQ_URL"])
