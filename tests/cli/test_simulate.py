"""``show-goal simulate``."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from show_goal.cli.commands import show_goal
from show_goal.testing.simulator import simulate
from tests.docs.blocks import ROOT

MISTAKE = "tests.testing.simulator.mistakes:DeactivateWithoutCompareAndSet"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(show_goal, ["simulate", *arguments])


def test_kept_promises_are_one_line() -> None:
    result, one = run("--seeds", "3", "--steps", "40"), run("--steps", "1")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("3 seeds of 40 steps, ")
    assert "every promise was kept" in result.stdout
    assert one.stdout.startswith("1 seed of 1 step, ")


def test_a_broken_promise_comes_with_its_shortest_trace_and_a_command_that_replays_it() -> None:
    result = run("--seeds", "40", "--steps", "60", "--host", MISTAKE)

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].endswith("breaks a promise: a goal ends once (D26)")
    seed = lines[0].split()[1]
    assert lines[-1] == f"Replay: show-goal simulate --seed {seed} --steps 60 --host {MISTAKE}"
    replayed = run(*lines[-1].split()[3:])
    assert replayed.stdout == result.stdout


def test_the_document_shows_what_is_printed() -> None:
    result = run("--seed", "1", "--host", "tests.testing.simulator.mistakes:HoldWithoutTheTransactionId")

    assert f"```text\n{result.stdout}```" in (ROOT / "docs" / "simulator.md").read_text()


def test_a_broken_promise_in_json() -> None:
    result = run("--seeds", "40", "--steps", "60", "--host", MISTAKE, "--json")

    document: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["broken"]["promise"] == "a goal ends once (D26)"
    assert document["broken"]["shortest_trace"]
    assert document["seeds"] == document["broken"]["seed"] + 1, "it stops at the first"


def test_one_seed_in_json_has_its_whole_trace() -> None:
    document = json.loads(run("--seed", "5", "--steps", "40", "--json").stdout)

    assert document["broken"] is None
    assert document["trace"] == [str(step) for step in simulate(5, 40).trace]


def test_several_processes_do_what_one_does() -> None:
    one, two = (json.loads(run("--seeds", "60", "--steps", "20", "--json", "--workers", n).stdout) for n in "12")

    assert one == two
