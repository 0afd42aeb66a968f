"""The settings of the adapters refuse what does not fit when they are made (D48)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import fields

from show_goal.adapters.celery import CelerySettings
from show_goal.adapters.mongo import MongoSettings
from show_goal.adapters.pusher import PusherSettings
from show_goal.core.validation import InvalidValue

PUSHER = {"app_id": "1", "key": "key", "secret": "secret"}
ADDRESS = "a mongodb:// or mongodb+srv:// address, with user and password percent-encoded"

NO_PATHS = ["", ".", "owner.", "owner..ref", "$owner", "owner.$id", "owners.0", "o\0", "_id", "show_goal_pairs.0x"]
A_PATH = (
    "it must be the names of fields with dots between; none of them is empty, a number or begins with $, and the first "
    "is none of _id, exclusive_goal_pairs, karaoke_goal, show_goal_pairs, trigger_private_claim, "
    "trigger_private_goals, trigger_private_sd"
)
BESIDE = "{!r}: it must be a path beside that of session_preset, 'status.preset'"


@pytest.mark.parametrize(
    ("kind", "field", "wrong", "problem"),
    [
        (MongoSettings, "uri", "http://u:hunter2@host", f"a str: it must be {ADDRESS}"),
        (MongoSettings, "timeout_ms", 1.5, "1.5: it must be a whole number"),
        (MongoSettings, "timeout_ms", 0, "0: it must be at least 1"),
        (MongoSettings, "goals", "", "'': it must be a text that is not empty"),
        (MongoSettings, "session_user", 7, "7: it must be a text"),
        *((MongoSettings, "session_user", path, A_PATH) for path in NO_PATHS),
        *((MongoSettings, "session_user", path, BESIDE.format(path)) for path in ("status", "status.preset.of")),
        (MongoSettings, "sharded", 1, "1: it must be True or False"),
        (CelerySettings, "queue", "", "'': it must be a text that is not empty and has at most 224 bytes"),
        (CelerySettings, "queue", "ü" * 113, "it must be a text that is not empty and has at most 224 bytes"),
        (CelerySettings, "soft_time_limit", 3, "3: it must be more than 3"),
        (CelerySettings, "task_names", "sweep", "'sweep': it must be a mapping of texts"),
        (CelerySettings, "task_names", {"sweep": 1}, "it must be a mapping of texts"),
        (CelerySettings, "publish_timeout", "1", "'1': it must be a number"),
        (CelerySettings, "publish_connections", True, "True: it must be a whole number"),
        (CelerySettings, "sweep_interval", 15, "15: it must be a timedelta"),
        (CelerySettings, "sweep_interval", timedelta(0), "0 s: it must be more than 0 s"),
        (CelerySettings, "max_retries", -1, "-1: it must be at least 0"),
        (PusherSettings, "app_id", 1, "1: it must be a text"),
        (PusherSettings, "secret", b"hunter2", "a bytes: it must be a text"),
        (PusherSettings, "secret", "", "a str: it must be a text that is not empty"),
        (PusherSettings, "port", 0, "0: it must be at least 1"),
        (PusherSettings, "port", "443", "'443': it must be a whole number or None"),
        (PusherSettings, "timeout", 0, "0: it must be more than 0"),
    ],
)
def test_wrong_value_is_refused_with_its_field_and_what_is_wanted(
    kind: Any, field: str, wrong: object, problem: str
) -> None:
    given = PUSHER if kind is PusherSettings else {}
    with pytest.raises(InvalidValue) as refused:
        kind(**{**given, field: wrong})
    assert str(refused.value).startswith(f"{kind.__name__}.{field} is ")
    assert str(refused.value).endswith(problem)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("kind", [MongoSettings, CelerySettings, PusherSettings])
def test_every_field_is_validated(kind: Any) -> None:
    assert [each.name for each in fields(kind) if each.validator is None] == []
