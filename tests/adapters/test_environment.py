"""The SHOW_GOAL_* variables: what is read, and what is reported."""

from __future__ import annotations

import sys

import pytest

from show_goal.adapters.container import Container
from show_goal.adapters.environment import ConfigurationError
from show_goal.core.settings import Settings

from .environ import ENVIRON


def problems(**changes: str) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        Container.from_env({**ENVIRON, **{f"SHOW_GOAL_{name}": value for name, value in changes.items()}})
    return list(refused.value.problems)


def test_everything_missing_or_invalid_is_reported_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Container.from_env({"SHOW_GOAL_BROKER_URL": "sqs://", "SHOW_GOAL_COOLDOWN": "soon"})
    assert [problem.split()[0] for problem in refused.value.problems] == [
        "SHOW_GOAL_COOLDOWN",
        "SHOW_GOAL_MONGODB_URI",
        "SHOW_GOAL_BROKER_URL",
        "SHOW_GOAL_PUSHER_APP_ID",
        "SHOW_GOAL_PUSHER_KEY",
        "SHOW_GOAL_PUSHER_SECRET",
    ]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("COOLDOWN", "soon", "is 'soon': it must be a whole number of seconds"),
        ("COOLDOWN", "-1", "is '-1': it must be at least 0 s"),
        ("COOLDOWN", "9" * 20, f"is '{'9' * 20}': it must be a whole number of seconds"),
        ("SWEEP_INTERVAL", "0", "is '0': it must be more than 0 s"),
        ("SWEEP_LIMIT", "1.5", "is '1.5': it must be a whole number"),
        ("MAX_DURATION", "0", "is '0': it must be at least 1"),
        ("MAX_BACKLOG", "-1", "is '-1': it must be at least 0"),
        ("PUSHER_SSL", "maybe", "is 'maybe': it must be true or false"),
        ("PUSHER_PORT", "0", "is '0': it must be at least 1"),
        ("PUSHER_KEY", "", 'is not set: as Pusher\'s dashboard shows it under "App Keys"'),
        (
            "BROKER_URL",
            "amqps:/host",
            "must begin with one of amqp://, amqps://, pyamqp://, redis://, rediss://",
        ),
        ("QUEUE_TYPE", "stream", "is 'stream': it must be quorum or classic"),
        (
            "MONGODB_SESSION_USER",
            "status",
            "is 'status': it must be a path beside that of session_preset, 'status.preset'",
        ),
        ("TASK_SWEEP", "show_goal.transfer", None),
    ],
)
def test_invalid_variable_is_named_with_what_it_must_be(name: str, value: str, problem: str | None) -> None:
    wanted = "SHOW_GOAL_TASK_*: two tasks share a name" if problem is None else f"SHOW_GOAL_{name} {problem}"
    assert problems(**{name: value}) == [wanted]


@pytest.mark.parametrize("uri", ["localhost:27017", "mongodb:///", "mongodb://u:p@ss@host", "mongodb://h/?replicaSet"])
def test_malformed_database_address_is_not_repeated(uri: str) -> None:
    (problem,) = problems(MONGODB_URI=uri)
    assert problem.startswith("SHOW_GOAL_MONGODB_URI must be a mongodb:// or mongodb+srv:// address")
    assert uri not in problem


@pytest.mark.parametrize("keys", ["hunter2-hunter2", "the-new-wallet-key,hunter2-hunter2", "hunter2-hunter2,"])
def test_short_wallet_key_is_not_repeated(keys: str) -> None:
    found = problems(WALLET_KEYS=keys)
    assert all(problem.startswith("SHOW_GOAL_WALLET_KEYS: key") for problem in found)
    assert "hunter2" not in str(found)


def test_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pusher", None)
    monkeypatch.setattr("show_goal.adapters.environment.find_spec", lambda name: None if name == "pusher" else object())
    assert problems() == ["pusher is not installed: pip install 'show-goal[pusher]'"]


def test_variables_reach_every_part() -> None:
    container = Container.from_env(
        {
            **ENVIRON,
            "SHOW_GOAL_COOLDOWN": " 0 ",
            "SHOW_GOAL_TAG_PREFIX": "acme",
            "SHOW_GOAL_SETTLE_DELAY": "0",
            "SHOW_GOAL_SWEEP_LIMIT": "7",
            "SHOW_GOAL_SWEEP_INTERVAL": "5",
            "SHOW_GOAL_TASK_SETTLE_ESCROW": "money.settle",
            "SHOW_GOAL_TASK_SWEEP": "money.sweep",
            "SHOW_GOAL_MONGODB_SESSION_PRESET": "state.mode",
            "SHOW_GOAL_WALLET_KEYS": "the-new-wallet-key, the-old-wallet-key",
            "OTHER": "x",
        }
    )
    settings = container.settings()
    assert [time.total_seconds() for time in (settings.cooldown, settings.settle_delay)] == [0, 0]
    assert (settings.sweep_limit, settings.tag_prefix, settings.max_ttl) == (7, "acme", Settings().max_ttl)
    assert container.wallet_keys() == ("the-new-wallet-key", "the-old-wallet-key")
    app = container.worker()
    assert "money.settle" in app.tasks
    entry = app.conf.beat_schedule["show_goal.sweep"]
    assert (entry["task"], entry["schedule"], entry["options"]["queue"]) == ("money.sweep", 5, "show_goal.sweeps")


@pytest.mark.parametrize("unset", [{}, {"SHOW_GOAL_COOLDOWN": "", "SHOW_GOAL_WALLET_KEYS": ""}])
def test_what_is_not_set_or_empty_has_its_default(unset: dict[str, str]) -> None:
    container = Container.from_env({**ENVIRON, **unset})
    assert (container.settings(), container.wallet_keys()) == (Settings(), ())


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("COOLDWON", "COOLDOWN"),
        ("MONGODB_TIMEOUT", "MONGODB_TIMEOUT_MS"),
        ("TASK_SETTLE_ESCROWS", "TASK_SETTLE_ESCROW"),
        ("WALLET_KEY", "WALLET_KEYS"),
        ("cooldown", "COOLDOWN"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_one_that_is_meant(misspelt: str, meant: str) -> None:
    assert problems(**{misspelt: "30"}) == [f"SHOW_GOAL_{misspelt} is not a setting: SHOW_GOAL_{meant} is meant"]


def test_a_variable_of_another_version_or_of_the_hosts_is_left_alone() -> None:
    """Processes of two versions share their variables during an upgrade."""
    others = {"SHOW_GOAL_TEST_MONGODB_URI": "x", "SHOW_GOAL_COLOUR": "x", "SHOWGOAL_COOLDOWN": "x"}
    Container.from_env({**ENVIRON, **others}).close()
