"""The kit in the hands of an adapter's author: what it needs, and what it says when something is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from tests.test_architecture import ADAPTER_LIBRARIES

ROOT = Path(__file__).parents[3]
ALONE = ("-c", os.devnull, f"--rootdir={ROOT}", "--import-mode=importlib", "-p", "no:cacheprovider", "-qq", "--tb=no")
HEAD = """
import pytest
from show_goal.adapters.memory import MemoryGoals, MemoryWallet
from show_goal.testing.conformance import BooksConformance, BooksUnderTest, GoalsConformance, WalletConformance
from show_goal.testing.conformance import WalletUnderTest

class DotsAreUnderscores(MemoryGoals):
    def increment_progress(self, goal_id, *, breakdown_id, **by):
        return super().increment_progress(goal_id, breakdown_id=breakdown_id.replace(".", "_"), **by)
"""
DECLARED = """
class TestDeclared(GoalsConformance):
    takes_any_user_id = False

    @pytest.fixture
    def under_test(self):
        return DotsAreUnderscores()
"""
UNDECLARED = DECLARED.replace("    takes_any_user_id = False\n", "")
NO_FIXTURE = """
class TestOurWallet(WalletConformance):
    pass
"""
NO_AUDIT = """
class NoAudit(MemoryWallet):
    def audit(self, before):
        raise NotImplementedError("the bank has no such report")

class TestNoAudit(BooksConformance):
    audits = keeps_history = False

    @pytest.fixture
    def under_test(self):
        wallet = NoAudit()
        return BooksUnderTest(books=wallet, wallet=wallet, credit=wallet.credit)
"""
NO_PARTS = """
class WholeOnly(MemoryWallet):
    releases_parts = False

class TestWholeOnly(WalletConformance):
    releases_parts = False

    @pytest.fixture
    def under_test(self):
        wallet = WholeOnly()
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)
"""


class _Reader:
    def __init__(self) -> None:
        self.reports: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self.reports.append(report)


def _reports(tmp_path: Path, code: str) -> list[pytest.TestReport]:
    """Run the code with a pytest inside this one, and return the report of each test."""
    file, reader = tmp_path / "test_ours.py", _Reader()
    file.write_text(HEAD + code)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        environment.delenv("PYTEST_ADDOPTS", raising=False)
        pytest.main([*ALONE, str(file)], plugins=[reader])
    return reader.reports


def _failed(reports: list[pytest.TestReport]) -> list[str]:
    return [report.nodeid.partition("[")[0].rpartition("::")[2] for report in reports if report.failed]


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_declared_lack_is_an_expected_failure_that_names_the_promise(tmp_path: Path) -> None:
    reports = _reports(tmp_path, DECLARED)
    reasons = {report.wasxfail for report in reports if report.skipped}
    assert _failed(reports) == []
    assert reasons
    for reason in reasons:
        assert reason.startswith("takes_any_user_id = False is declared. Goals promises increment_progress.any_text: ")


def test_an_undeclared_lack_fails_with_the_promise_and_the_values(tmp_path: Path) -> None:
    reports = _reports(tmp_path, UNDECLARED)
    assert {*_failed(reports)} == {"test_a_viewer_id_may_be_any_text_l1"}
    promise = "Goals promises increment_progress.any_text: ``breakdown_id`` may be any text, for example one with dots."
    for report in reports:
        if report.failed:
            said = cast(Any, report.longrepr).reprcrash.message
            assert said.startswith(f"AssertionError: {promise}\nthe id became another one\nassert [")


def test_books_without_audit_keep_their_other_promises(tmp_path: Path) -> None:
    reports = _reports(tmp_path, NO_AUDIT)
    assert _failed(reports) == []
    assert {report.nodeid.rpartition("::")[2] for report in reports if report.skipped} == {
        "test_the_audit_adds_everything_up_l6",
        "test_the_audit_adds_up_after_a_race_l6",
        "test_the_audit_names_overdue_holds_l6",
    }


def test_a_wallet_without_parts_keeps_its_other_promises_and_says_so(tmp_path: Path) -> None:
    declared = _reports(tmp_path, NO_PARTS)
    assert _failed(declared) == []
    left_out = {report.wasxfail.partition(":")[0] for report in declared if report.skipped}
    assert left_out == {
        f"releases_parts = False is declared. Wallet promises release.{one}"
        for one in ("part", "part_once", "part_limit")
    }


def test_a_wallet_without_parts_that_does_not_declare_it_is_told_what_to_declare(tmp_path: Path) -> None:
    reports = _reports(tmp_path, NO_PARTS.replace("    releases_parts = False\n\n    @", "    @"))
    said = [cast(Any, report.longrepr).reprcrash.message for report in reports if report.failed]
    assert said
    assert all("its releases_parts is not True: declare that in the suite, too" in one for one in said)


def test_a_missing_fixture_says_what_it_must_return(tmp_path: Path) -> None:
    first = str(_reports(tmp_path, NO_FIXTURE)[0].longrepr)
    assert "TestOurWallet needs its own fixture. ``under_test`` returns :class:`WalletUnderTest`" in first


def test_the_kit_loads_no_adapter_and_no_adapters_library() -> None:
    loaded = _run("import sys, show_goal.testing.conformance; print(*sys.modules)").stdout.split()
    assert ADAPTER_LIBRARIES & {name.partition(".")[0] for name in loaded} == set()
    assert [name for name in loaded if name.startswith("show_goal.adapters")] == []
    assert "show_goal.testing.conformance.wallet" in loaded


def test_without_pytest_the_kit_says_what_to_install() -> None:
    run = _run("import sys; sys.modules['pytest'] = None; import show_goal.testing.conformance")
    assert run.returncode == 1
    assert run.stderr.strip().endswith(
        "ImportError: show_goal.testing.conformance needs pytest: pip install 'show-goal[testing]'"
    )
