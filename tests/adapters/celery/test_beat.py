"""The entry that beat reads; what becomes of it in a real worker is in ``test_worker.py``."""

from __future__ import annotations

from datetime import timedelta

from celery import Celery

from show_goal.adapters.celery import CelerySettings, schedule_sweeps


def an_app() -> Celery:
    return Celery("host", broker="amqp://broker", set_as_current=False)


def test_a_sweep_is_due_each_interval_and_expires_with_it_D26() -> None:
    app = an_app()
    schedule_sweeps(app, CelerySettings())
    assert app.conf.beat_schedule == {
        "show_goal.sweep": {
            "task": "show_goal.sweep",
            "schedule": 15.0,
            "args": (),
            "kwargs": {},
            "options": {"queue": "show_goal", "expires": 15.0, "serializer": "json", "ignore_result": True},
        }
    }


def test_interval_name_and_queue_are_those_of_the_settings() -> None:
    app = an_app()
    settings = CelerySettings(queue=None, task_names={"sweep": "money.sweep"}, sweep_interval=timedelta(minutes=1))
    schedule_sweeps(app, settings)
    entry = app.conf.beat_schedule["show_goal.sweep"]
    assert (entry["task"], entry["schedule"], entry["options"]["expires"]) == ("money.sweep", 60, 60)
    assert "queue" not in entry["options"], "the host's task_routes decide"


def test_the_hosts_own_entries_stay_and_no_other_app_gets_this_one() -> None:
    app, other = an_app(), an_app()
    app.conf.beat_schedule = {"mine": {"task": "mine", "schedule": 60.0}}
    schedule_sweeps(app, CelerySettings())
    assert set(app.conf.beat_schedule) == {"mine", "show_goal.sweep"}
    assert other.conf.beat_schedule == {}


def test_a_configuration_that_the_app_loads_afterwards_does_not_lose_it() -> None:
    app = an_app()
    schedule_sweeps(app, CelerySettings())
    app.config_from_object({"timezone": "UTC", "beat_schedule": {"mine": {"task": "mine", "schedule": 60.0}}})
    assert set(app.conf.beat_schedule) == {"mine", "show_goal.sweep"}
