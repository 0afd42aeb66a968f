from __future__ import annotations

from datetime import timedelta

import pytest

from show_goal.adapters.celery import CelerySettings
from show_goal.core.settings import Settings


def test_the_names_are_frozen() -> None:
    assert CelerySettings().task_names == {
        "create_goal": "show_goal.create_goal",
        "transfer": "show_goal.transfer",
        "deactivate_goal": "show_goal.deactivate_goal",
        "increment_goal_progress": "show_goal.increment_goal_progress",
        "settle_escrow": "show_goal.settle_escrow",
        "sweep": "show_goal.sweep",
    }


def test_a_host_may_name_one_task_and_keep_the_others() -> None:
    settings = CelerySettings(task_names={"transfer": "wallet.transfer"})
    assert settings.task_names["transfer"] == "wallet.transfer"
    assert settings.task_names["create_goal"] == "show_goal.create_goal"


def test_a_task_that_the_flow_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="'refund'"):
        CelerySettings(task_names={"refund": "wallet.refund"})


def test_two_tasks_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="share a name"):
        CelerySettings(task_names={"transfer": "show_goal.create_goal"})


def test_a_soft_time_limit_that_comes_too_late_is_refused() -> None:
    with pytest.raises(ValueError, match="soft_time_limit"):
        CelerySettings(soft_time_limit=45, time_limit=45)


def test_a_visibility_timeout_shorter_than_a_task_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="visibility_timeout"):
        CelerySettings(visibility_timeout=timedelta(seconds=45), time_limit=45)


def test_the_default_horizon_of_the_flow_ends_before_the_visibility_timeout() -> None:
    settings = CelerySettings()
    assert settings.most_eta_horizon == timedelta(minutes=5, seconds=15)
    assert Settings().eta_horizon < settings.most_eta_horizon
