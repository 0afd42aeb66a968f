"""The pytest plugin, from a host's point of view: its own project, with one line of conftest."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
import pytest

pytest_plugins = ["show_goal.testing.plugin"]
"""
TESTS = """
import pytest
from show_goal.core.errors import InsufficientBalance
from show_goal.core.money import Balance


def test_the_streamer_who_agrees_and_shows_is_paid(show_goal):
    session = show_goal.open_session("sid")
    show_goal.wallet.credit("alice", 150)
    accepted = show_goal.invite(session, "alice")
    show_goal.agree(session, accepted.goal_id)
    show_goal.switch_preset(session)
    assert show_goal.wallet.balance("alice") == Balance(available=60, held=90)
    show_goal.wait(60)
    assert show_goal.wallet.balance("sid") == Balance(available=90)


def test_the_viewer_is_refunded_when_the_streamer_refuses(show_goal):
    session = show_goal.open_session("sid")
    show_goal.wallet.credit("alice", 150)
    show_goal.refuse(session, show_goal.invite(session, "alice").goal_id)
    show_goal.wait(60)
    assert show_goal.wallet.balance("alice") == Balance(available=150)


def test_a_refusal_is_raised(show_goal):
    with pytest.raises(InsufficientBalance):
        show_goal.invite(show_goal.open_session("sid"), "alice")


def test_notifications_are_recorded(show_goal):
    session = show_goal.open_session("sid", price=0)
    show_goal.invite(session, "alice")
    assert "goal.added" in [notification.event for notification in show_goal.notifications]


def test_each_test_begins_anew(show_goal):
    assert show_goal.wallet.accounts() == {}
    assert show_goal.notifications == []
"""
BROKEN_RECEIVER = """
import blinker
import pytest
from show_goal.adapters.container import Container


@pytest.fixture
def show_goal_container():
    namespace = blinker.Namespace()
    namespace.signal("features.leaderboards").connect(keep_score, sender="goal.created")
    with Container.in_memory(namespace=namespace) as container:
        yield container


def keep_score(sender, **payload):
    raise ValueError("no such column")


def test_the_score_is_kept(show_goal):
    show_goal.invite(show_goal.open_session("sid", price=0), "alice")
"""
OWN_WALLET = """
import pytest
from show_goal.adapters.container import Container


class OurWallet:
    calls_back = False

    def statement(self, user_id, transaction_id): ...
    def hold(self, hold): ...
    def release(self, transaction_id): ...
    def refund(self, transaction_id): ...
    def find(self, transaction_id): ...
    def holds_of(self, escrow_id, limit, after=None): ...
    def overdue(self, before, limit, after=None): ...


@pytest.fixture
def show_goal_container():
    return Container.in_memory(wallet=OurWallet())


def test_our_wallet_is_not_the_one_in_memory(show_goal):
    with pytest.raises(TypeError, match="no MemoryWallet but your own OurWallet"):
        show_goal.wallet
"""


@pytest.fixture
def host(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(CONFTEST)
    return pytester


def run(host: pytest.Pytester, code: str, *arguments: str) -> pytest.RunResult:
    """A warning would be a failure."""
    host.makepyfile(code)
    return host.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider", *arguments)


def test_one_line_of_conftest_gives_a_test_that_invites_and_agrees_and_sees_the_money(host: pytest.Pytester) -> None:
    run(host, TESTS).assert_outcomes(passed=5)


def test_a_hosts_receiver_that_raises_fails_the_hosts_test_N5(host: pytest.Pytester) -> None:
    ran = run(host, BROKEN_RECEIVER)

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*tasks failed: create_goal*", "*ValueError: no such column*"])


def test_an_adapter_that_was_swapped_is_not_taken_for_the_one_in_memory(host: pytest.Pytester) -> None:
    run(host, OWN_WALLET).assert_outcomes(passed=1)


def test_the_fixtures_are_only_where_a_project_asks_for_them(host: pytest.Pytester) -> None:
    host.makeconftest("")

    ran = run(host, "def test_needs_it(show_goal): ...")

    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*fixture 'show_goal' not found*"])


def test_pytest_lists_the_fixtures_with_what_they_are_for(host: pytest.Pytester) -> None:
    ran = run(host, "def test_nothing(): ...", "--fixtures")

    ran.stdout.fnmatch_lines(["show_goal_container*", "*Override it*", "show_goal --*", "*A platform in memory*"])
