"""The examples that need no server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*arguments: str) -> str:
    """The output of a Python command, which must succeed without a warning."""
    result = subprocess.run(
        [sys.executable, "-W", "error", *arguments], capture_output=True, text=True, timeout=110, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_in_memory_flow_prints_what_happened() -> None:
    assert run(str(EXAMPLES / "in_memory_flow.py")).splitlines() == [
        "accepted: goal 000000000000000000000001 for 90",
        "the worker ran 2 tasks",
        "bound to the session: ['000000000000000000000001']",
        "goal.added to presence-stream@57e000000000000000000001, private-stream@57e000000000000000000001, "
        "private-user@57e000000000000000000001",
        "goal.progress.updated to presence-stream@57e000000000000000000001, private-stream@57e000000000000000000001, "
        "private-user@57e000000000000000000001",
        "the viewer's ledger: 210 available, 90 held",
    ]


def test_answer_and_settle_pays_the_streamer() -> None:
    assert run(str(EXAMPLES / "answer_and_settle.py")).splitlines() == [
        "71e000000000000000000001 may see the show until 00:01:30",
        "at 00:00:00 the wallet holds 90 of the viewer's money",
        "at 00:01:00 the goal is released",
        "the streamer has 90, the viewer 210",
    ]


def test_a_hosts_own_guards_refuse_a_country_and_a_limit_D32() -> None:
    assert run(str(EXAMPLES / "host_guards.py")).splitlines() == [
        "from ZZ: may invite for 90",
        "from XX: country_blocked",
        "from nowhere: country_blocked",
        "from ZZ, limit 60 s: too_long_for_you",
        "60 s are within the limit: accepted for 60",
    ]


def test_a_host_adds_its_own_class_and_receiver_N9() -> None:
    assert run(str(EXAMPLES / "raffle_goals.py")).splitlines() == [
        "the session's raffle: 60a100000000000000000001",
        "thank you for 1 tickets of RaffleGoal",
        "thank you for 0 tickets of ShowFundingGoal",
        "the winner: 71e000000000000000000001",
        "the library's own cells still work: funding ended at 00:00:00",
    ]


def test_swapping_the_notifier_passes_as_a_test(tmp_path: Path) -> None:
    example = shutil.copy(EXAMPLES / "test_swap_notifier.py", tmp_path)  # away from this tree's settings for pytest
    assert "1 passed" in run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(example))


def test_a_wallet_on_sqlite_keeps_every_promise() -> None:
    assert "passed" in run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / "test_sqlite_wallet.py"))
