"""The table in docs/reliability.md: every fault test has measured its row, and what it measured is within its bound."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from .blocks import ROOT

RELIABILITY = ROOT / "docs" / "reliability.md"
_ROW = re.compile(r"^\| `(\w+::.+)` \| (.+) \|$", re.MULTILINE)
_BOUNDED = re.compile(r"([\d.]+) s of ([\d.]+)")

WITHOUT_A_ROW = {"test_observing", "test_overload", "test_outage", "test_poison", "test_popular", "test_waiting"}
"""No server breaks there."""
TIMERS_IN_AN_ALARM = "test_rabbitmq::test_goals_end_in_time_in_a_memory_alarm"
"""It has no crowd."""
ROWS = dict(_ROW.findall(RELIABILITY.read_text()))


@pytest.fixture(scope="module")
def fault_tests() -> set[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider", "tests/chaos"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    found = re.findall(r"^tests/chaos/(\w+)\.py::(?:\w+::)?(.+)$", result.stdout, re.MULTILINE)
    return {f"{module}::{name}" for module, name in found if module not in WITHOUT_A_ROW} - {TIMERS_IN_AN_ALARM}


def test_every_fault_test_has_its_row_and_no_other(fault_tests: set[str]) -> None:
    assert ROWS.keys() == fault_tests, "run `make chaos`, then `.venv/bin/python -m tests.chaos.report`"


@pytest.mark.parametrize("test", ROWS)
def test_what_was_measured_is_within_its_bound(test: str) -> None:
    _, answers, slowest, recovered, accepted, lost, double, _ = ROWS[test].split(" | ")
    assert set(answers.split(", ")) <= {"200", "202", "503"}
    for figure in (slowest, recovered):
        bounded = _BOUNDED.fullmatch(figure)
        assert bounded is not None, figure
        assert float(bounded[1]) <= float(bounded[2])
    assert int(accepted) > 0
    assert (lost, double) == ("0", "0")
