"""The kit in a stranger's hands: what it needs, and what it says when something is missing or lacking."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from tests.test_architecture import ADAPTER_LIBRARIES

from .running import reports_of

HEAD = """
import pytest
from show_goal.adapters.memory import MemoryGoals, MemoryWallet
from show_goal.testing.conformance import GoalsConformance, WalletConformance, WalletUnderTest

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
        raise NotImplementedError("the bank does not tell")

class TestNoAudit(WalletConformance):
    audits = keeps_history = False

    @pytest.fixture
    def under_test(self):
        wallet = NoAudit()
        return WalletUnderTest(wallet=wallet, credit=wallet.credit)
"""


def _reports(tmp_path: Path, code: str) -> list[pytest.TestReport]:
    file = tmp_path / "test_ours.py"
    file.write_text(HEAD + code)
    return reports_of(file)


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_a_declared_lack_is_an_expected_failure_that_names_the_promise(tmp_path: Path) -> None:
    reports = _reports(tmp_path, DECLARED)
    lacking = {report.wasxfail for report in reports if report.skipped}
    assert [report.nodeid for report in reports if report.failed] == []
    assert lacking
    for reason in lacking:
        assert reason.startswith("takes_any_user_id = False is declared. Goals promises increment_progress.any_text: ")


def test_an_undeclared_lack_fails(tmp_path: Path) -> None:
    failed = [report for report in _reports(tmp_path, UNDECLARED) if report.failed]
    assert failed
    assert {report.nodeid.partition("[")[0].rpartition("::")[2] for report in failed} == {
        "test_a_viewers_id_may_be_any_text_l1"
    }


def test_a_wallet_without_audit_keeps_its_other_promises(tmp_path: Path) -> None:
    reports = _reports(tmp_path, NO_AUDIT)
    assert [report.nodeid for report in reports if report.failed] == []
    assert {report.nodeid.rpartition("::")[2] for report in reports if report.skipped} == {
        "test_the_audit_adds_up_l6",
        "test_the_audit_names_what_is_still_held_l6",
    }


def test_a_failure_begins_with_the_promise_and_shows_the_values(tmp_path: Path) -> None:
    said = [cast(Any, report.longrepr).reprcrash.message for report in _reports(tmp_path, UNDECLARED) if report.failed]
    begin = "AssertionError: Goals promises increment_progress.any_text: ``breakdown_id`` may be any text.\n"
    for message in said:
        assert message.startswith(begin + "an id was taken for a path, or came back as another\nassert {")


def test_a_missing_fixture_says_what_it_should_give(tmp_path: Path) -> None:
    first = _reports(tmp_path, NO_FIXTURE)[0]
    assert "TestOurWallet needs a fixture of its own. ``under_test`` gives :class:`WalletUnderTest`" in str(
        first.longrepr
    )


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
