from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from show_goal.adapters.celery import CelerySettings
from show_goal.adapters.celery.delays import way
from show_goal.adapters.celery.settings import LONGEST_NAME, SWEEP_LIMITS
from show_goal.core.settings import LONGEST_SWEEP
from show_goal.core.tasks.settle_escrow import STEP


def test_the_tasks_names_stay_the_same() -> None:
    assert CelerySettings().task_names == {
        "create_goal": "show_goal.create_goal",
        "transfer": "show_goal.transfer",
        "deactivate_goal": "show_goal.deactivate_goal",
        "increment_goal_progress": "show_goal.increment_goal_progress",
        "announce_progress": "show_goal.announce_progress",
        "admit_viewers": "show_goal.admit_viewers",
        "settle_escrow": "show_goal.settle_escrow",
        "sweep": "show_goal.sweep",
    }


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"task_names": {"refund": "wallet.refund"}}, "'refund'"),
        ({"task_names": {"transfer": "show_goal.create_goal"}}, "share a name"),
        ({"soft_time_limit": 45, "time_limit": 45}, "soft_time_limit"),
        ({"visibility_timeout": timedelta(seconds=45), "time_limit": 45}, "visibility_timeout"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        CelerySettings(**values)


def test_a_worker_lets_the_longest_sweep_come_to_its_end() -> None:
    soft, _ = SWEEP_LIMITS
    assert timedelta(seconds=soft) > LONGEST_SWEEP + 3 * STEP


def test_the_longest_name_of_a_queue_fits_into_a_routing_key() -> None:
    settings = CelerySettings(queue="q" * LONGEST_NAME)
    _, key = way(settings, 1, settings.sweep_queue)
    assert len(key) == 255
