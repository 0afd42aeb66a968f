"""Publish, fork three times, publish in all four processes at once. Print how many messages the queue has then.

The exit code is the number of children that did not open a connection.
"""

from __future__ import annotations

import os
import sys

from show_goal.adapters.celery import CeleryTaskQueue, make_app
from tests.adapters.celery.worker import delete_queue, own_settings, queue_length
from tests.builders import a_transfer

EACH = 10

settings = own_settings()
app = make_app(sys.argv[1], settings)
task_queue = CeleryTaskQueue(app, settings)


def publish() -> None:
    for _ in range(EACH):
        task_queue.trigger(a_transfer())


task_queue.trigger(a_transfer())
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        inherited = len(os.listdir("/dev/fd"))
        publish()
        os._exit(0 if len(os.listdir("/dev/fd")) > inherited else 1)
    children.append(child)
publish()
failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
sys.stdout.write(f"{queue_length(sys.argv[1], settings)} messages")
task_queue.close()
delete_queue(sys.argv[1], settings)
sys.exit(len(failed))
