"""The monolith on real servers: its processes, and its own tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from pymongo import MongoClient
from pymongo.database import Database

from examples.monolith.browser import Browser
from examples.monolith.running import KEY, Monolith, running_monolith
from examples.monolith.wallet_service.ledger import Ledger
from show_goal.core.money import Balance

from ..servers import Servers, wait_until

ROOT = Path(__file__).parents[2]
DEADLINE = 60.0
SETTLE_SECONDS = 2
TASKS = ("create_goal", "transfer", "deactivate_goal", "increment_goal_progress", "settle_escrow")


def run(servers: Servers, *arguments: str, deadline: float = 110) -> subprocess.CompletedProcess[str]:
    """A Python command in the environment that ``python -m tests.servers run`` makes."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **servers.as_environment(), "COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=deadline,
        check=False,
    )


def test_one_command_plays_an_invitation_from_start_to_settlement(servers: Servers) -> None:
    result = run(servers, "-m", "examples.monolith")
    assert result.returncode == 0, result.stdout + result.stderr
    lines = [re.sub(r"[0-9a-f]{24}", "...", line.rstrip()) for line in result.stdout.splitlines()]
    assert lines == [
        "Sid       registers with the monolith and goes live; a minute of private show costs 60",
        "Alice     registers, and brings 150 into the wallet service",
        "Alice     asks what 90 s would cost: 90",
        "Alice     invites Sid: 202, 90 for goal ...",
        "Sid       hears goal.added on private-user@...",
        "wallet    Alice has 60 available and 90 held",
        "wallet    reports it, signed, to /notify/wallet/transaction; the goal's progress is 1",
        "Sid       agrees: 202",
        "Sid       hears goal.ended, agreed",
        "Sid       begins the show: from preview to sd",
        "wallet    Sid has 90 available and 0 held; Alice has 60 available and 0 held",
        "monolith  its own receiver heard goal.ended too: Sid leads its ranking with 1 point",
        "wallet    150 available + 0 held = 150 deposited, no problems",
    ]


@pytest.mark.timeout(300)  # a hundred tests in another process
def test_the_monoliths_own_tests_pass(servers: Servers) -> None:
    """They swap the notifier, the wallet and the clock, and run the wallet adapter through the conformance suite."""
    result = run(servers, "-m", "pytest", "-q", "-p", "no:cacheprovider", "examples/monolith/tests", deadline=280)
    assert result.returncode == 0, result.stdout + result.stderr
    passed = re.search(r"(\d+) passed", result.stdout)  # some are left out: its wallet releases no parts
    assert passed is not None
    assert int(passed[1]) > 50, "the conformance suite is among them"


@pytest.fixture(scope="module")
def monolith(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monolith]:
    with running_monolith(servers, tmp_path_factory.mktemp("monolith"), SETTLE_SECONDS) as monolith:
        yield monolith


@pytest.fixture
def database(monolith: Monolith, mongo_client: MongoClient[dict[str, Any]]) -> Database[dict[str, Any]]:
    return mongo_client[monolith.environment["MONOLITH_DATABASE"]]


@pytest.fixture
def sid(monolith: Monolith, request: pytest.FixtureRequest) -> Iterator[Browser]:
    with closing(Browser.register(monolith.address, f"Sid of {request.node.name}")) as sid:
        yield sid


@pytest.fixture
def alice(monolith: Monolith, request: pytest.FixtureRequest) -> Iterator[Browser]:
    with closing(with_money(monolith, f"Alice of {request.node.name}")) as alice:
        yield alice


@pytest.fixture
def bob(monolith: Monolith, request: pytest.FixtureRequest) -> Iterator[Browser]:
    with closing(with_money(monolith, f"Bob of {request.node.name}")) as bob:
        yield bob


def with_money(monolith: Monolith, name: str) -> Browser:
    """A new user with 150 in the wallet."""
    person = Browser.register(monolith.address, name)
    monolith.wallet.deposit(f"for {name}", person.id, 150)
    return person


def paid(monolith: Monolith, streamer: Browser, viewer: Browser, **invitation: int) -> str:
    """Invite, wait until the money is held and counts as progress, and return the goal's id."""
    response = viewer.invite(streamer.go_live("Songs", sd=60), **invitation)
    assert response.status_code == 202, response.text
    goal_id: str = response.json()["goal_id"]
    wait_until(lambda: viewer.goal(goal_id).get("progress") == 1, DEADLINE, "the wallet's report to count")
    assert monolith.wallet.balance(viewer.id) == Balance(available=60, held=90)
    return goal_id


def test_a_refused_goal_is_refunded_and_the_hosts_names_are_used(
    monolith: Monolith, database: Database[dict[str, Any]], sid: Browser, alice: Browser
) -> None:
    goal_id = paid(monolith, sid, alice)
    assert sid.ask("DELETE", f"/goals/{goal_id}", {"agree": False}).status_code == 202
    wait_until(lambda: monolith.wallet.balance(alice.id) == Balance(available=150), DEADLINE, "the refund")
    wait_until(lambda: sid.id in sid.ask("GET", "/ranking").json(), DEADLINE, "the host's own task")

    assert database["goal"].distinct("_cls") == ["Goal.TriggerPrivateGoal"]
    collections = set(database.list_collection_names())
    assert {"member", "livestream", "goal"} <= collections
    assert not {"users", "sessions", "goals", "accounts", "transactions"} & collections

    log = monolith.worker.log.read_text(errors="replace")
    assert all(f"Task monolith.shows.{name}[" in log for name in TASKS)
    assert "Task monolith.ranking.keep_score[" in log, "on the same worker and queue"
    assert "show_goal.create_goal" not in log
    assert "Unsafe setting" not in log


def test_an_unanswered_goal_is_refunded_and_the_refund_is_no_progress(
    monolith: Monolith, sid: Browser, alice: Browser, bob: Browser
) -> None:
    goal_id = paid(monolith, sid, alice, seconds=12)
    wait_until(lambda: monolith.wallet.balance(alice.id) == Balance(available=150), DEADLINE, "the refund")
    wait_until(lambda: alice.goal(goal_id)["state"] == "refunded", DEADLINE, "the end of the settlement")
    audit = monolith.wallet.audit(datetime.now(UTC) - timedelta(minutes=1))
    assert audit.problems == []

    ledger = Ledger(monolith.logs / "wallet.sqlite")
    wait_until(lambda: ledger.next_report(0) is None, DEADLINE, "every report to be confirmed")
    paid(monolith, alice, bob)  # by then the worker has handled the earlier reports
    assert alice.goal(goal_id)["progress"] == 1


def test_an_unconfirmed_report_is_repeated_and_counts_once(monolith: Monolith, sid: Browser, alice: Browser) -> None:
    """The web process hangs until the wallet's first attempt times out. Then it gets the report, and the next one.

    The worker moves no money before that.
    """
    session_id = sid.go_live("Songs", sd=60)
    monolith.worker.pause()
    try:
        goal_id = alice.invite(session_id).json()["goal_id"]
        monolith.web.pause()
        unanswered = times_unanswered(monolith)
        monolith.worker.resume()
        wait_until(lambda: times_unanswered(monolith) > unanswered, DEADLINE, "the wallet to give up")
    finally:
        monolith.worker.resume()
        monolith.web.resume()
    wait_until(lambda: alice.goal(goal_id).get("progress") == 1, DEADLINE, "the report to count")
    assert alice.invite(session_id).status_code == 202, "a repeat is accepted, and moves nothing"
    assert monolith.wallet.balance(alice.id) == Balance(available=60, held=90)
    sid.ask("DELETE", f"/goals/{goal_id}", {"agree": False})
    wait_until(lambda: monolith.wallet.balance(alice.id) == Balance(available=150), DEADLINE, "the refund")
    assert alice.goal(goal_id)["progress"] == 1


def times_unanswered(monolith: Monolith) -> int:
    return monolith.wallet_service.log.read_text().count("no response to the callback")


def test_a_report_that_the_wallet_did_not_sign_is_refused(monolith: Monolith) -> None:
    headers = {"Content-Type": "application/json", "X-Wallet-Signature": f"sha256={'0' * 64}"}
    forged = requests.post(f"{monolith.address}/notify/wallet/transaction", data=b"{}", headers=headers, timeout=10)
    assert (forged.status_code, forged.json()["code"]) == (401, "bad_signature")
    assert KEY not in forged.text


def test_the_hosts_own_pages_and_errors_are_unchanged(monolith: Monolith, sid: Browser, alice: Browser) -> None:
    session_id = sid.go_live("Songs", sd=60)
    page = f"/livestreams/{session_id}"
    assert alice.ask("GET", page).json()["streamer"] == sid.name
    assert alice.ask("PATCH", page, {"title": "Mine"}).status_code == 404
    assert alice.ask("GET", "/nowhere").headers["Content-Type"].startswith("text/html")
    assert alice.ask("GET", f"/goals/{session_id}").headers["Content-Type"] == "application/problem+json"
