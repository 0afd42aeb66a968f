"""A suite run over wrong adapters by a pytest inside this one."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest
from attrs import define, field

from .breaking import Wrong

ROOT = Path(__file__).parents[3]
_ALONE = ("-c", os.devnull, "--rootdir", str(ROOT), "--import-mode=importlib", "-p", "no:cacheprovider")
_QUIET = ("--tb=no", "-qq")
_PROMISE = re.compile(r"\w+ promises (\S+): .+\n")


@define
class Outcome:
    """What was said of one adapter, by the name of the promise that each failure begins with."""

    failures: dict[str, list[str]] = field(factory=lambda: defaultdict(list))

    @property
    def broken(self) -> set[str]:
        return set(self.failures)


class _Listener:
    def __init__(self) -> None:
        self.outcomes: dict[Wrong, Outcome] = defaultdict(Outcome)

    def pytest_runtest_makereport(self, item: pytest.Function, call: pytest.CallInfo[None]) -> None:
        outcome = self.outcomes[cast(Wrong, item.callspec.params["under_test"])]
        if call.excinfo is not None:
            said = str(call.excinfo.value)
            promise = _PROMISE.match(said)
            outcome.failures[promise[1] if promise else repr(call.excinfo.value)].append(said)


class _Reader:
    def __init__(self) -> None:
        self.reports: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self.reports.append(report)


def outcomes_of(suite: Path) -> Mapping[Wrong, Outcome]:
    """Run the test classes of a file whose ``under_test`` is parametrized by wrong adapters."""
    listener = _Listener()
    assert _run(suite, listener) == pytest.ExitCode.TESTS_FAILED, f"{suite.name} did not run"
    return listener.outcomes


def reports_of(suite: Path) -> list[pytest.TestReport]:
    """Run the tests of a file; what became of each."""
    reader = _Reader()
    _run(suite, reader)
    return reader.reports


def _run(suite: Path, plugin: object) -> int:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        environment.delenv("PYTEST_ADDOPTS", raising=False)
        return pytest.main([*_ALONE, *_QUIET, str(suite)], plugins=[plugin])


def wrong_suites() -> Sequence[Path]:
    return sorted(Path(__file__).parent.glob("wrong_*.py"))
