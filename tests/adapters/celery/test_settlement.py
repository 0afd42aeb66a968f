"""A settlement that takes longer than its soft time limit comes to its end, run by run (D43)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from attrs import validators

from show_goal.adapters.celery import CeleryTaskQueue, make_app
from show_goal.core.messages import SettleEscrow
from tests.builders import GOAL
from tests.servers import Servers, wait_until

from .worker import CeleryWorker, delete_queue, own_settings, recording

HOLDS = 40


@pytest.mark.parametrize("soft_time_limit", [2, 6], ids=["interrupted", "in steps of its own"])
def test_forty_slow_refunds_are_each_made_and_reported_once(
    servers: Servers, tmp_path: Path, soft_time_limit: int
) -> None:
    with validators.disabled():  # 2 s is refused: a step takes 3
        settings = own_settings(soft_time_limit=soft_time_limit, time_limit=9, retry_backoff_max=1)
    url, told = servers.rabbitmq_url, tmp_path / "settlement"
    task_queue = CeleryTaskQueue(make_app(url, settings), settings)

    def lines(kind: str) -> list[str]:
        text = told.read_text() if told.exists() else ""
        return [line.partition(" ")[2] for line in text.splitlines() if line.startswith(kind)]

    worker = CeleryWorker("tests.adapters.celery.slow_wallet_app", tmp_path / "log", recording(url, settings, tmp_path))
    try:
        worker.ready()
        task_queue.trigger(SettleEscrow(goal_id=GOAL))
        wait_until(lambda: lines("ran")[-1:] == ["done"] and len(lines("reported")) == HOLDS, 60, "the last report")
    finally:
        worker.kill()
        task_queue.close()
        delete_queue(url, settings)
    assert Counter(lines("moved")) == Counter(lines("reported"))
    assert set(Counter(lines("moved")).values()) == {1}, "each once"
    assert 3 <= len(lines("ran")) <= 9, "each run goes on where the last one stopped"
