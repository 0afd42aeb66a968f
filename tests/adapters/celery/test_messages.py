from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import cattrs
import pytest

from show_goal.adapters.celery.messages import MalformedMessage, decode, encode_arguments, encode_headers
from show_goal.core.messages import (
    AdmitViewers,
    CreateGoal,
    DeactivateGoal,
    IncrementGoalProgress,
    Message,
    SettleEscrow,
    Sweep,
    Transfer,
)
from tests.builders import EXP, GOAL, STREAMER, VIEWER, a_create_goal, a_transfer

MISSING = object()
MESSAGES = [
    a_create_goal(),
    a_create_goal(exp=None, nbf=EXP, levels=[{"amount": 1}], conditions={"nested": [1, None, {"deep": True}]}),
    a_transfer(),
    a_transfer(duration=None),
    DeactivateGoal(goal_id=GOAL),
    DeactivateGoal(goal_id=GOAL, exp=EXP),
    DeactivateGoal(
        goal_id=GOAL,
        filters={"active": True, "metadata.user_id": STREAMER},
        triggerer=STREAMER,
        metadata={"agreed": EXP.isoformat()},
    ),
    DeactivateGoal(goal_id=GOAL, filters={"active": True}, triggerer=STREAMER),
    IncrementGoalProgress(goal_id=GOAL, amount=1, cost=90, breakdown_id=VIEWER, insert_id="transaction"),
    SettleEscrow(goal_id=GOAL),
    SettleEscrow(goal_id=GOAL, after="a place", transactions=["one", "two"]),
    SettleEscrow(goal_id=GOAL, after="a place", page=7),
    SettleEscrow(goal_id=GOAL, after="a place", transactions=[], total=90),
    AdmitViewers(goal_id=GOAL, after="a place", tell=True),
    AdmitViewers(goal_id=GOAL, began=EXP.isoformat()),
    Sweep(),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_a_message_survives_json(message: Message) -> None:
    arguments = json.loads(json.dumps(encode_arguments(message)))
    assert decode(type(message), arguments, encode_headers(message)) == message


def test_times_are_iso_8601_in_utc_D3() -> None:
    in_taipei = datetime(2026, 1, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    message = a_create_goal(exp=in_taipei, metadata={"seen": in_taipei})
    arguments = encode_arguments(message)
    assert arguments["exp"] == "2026-01-01T00:00:00+00:00"
    assert arguments["metadata"] == {"seen": "2026-01-01T00:00:00+00:00"}


def test_the_duration_is_a_header_and_no_argument_D16() -> None:
    assert "duration" not in encode_arguments(a_transfer(duration=90))
    assert encode_headers(a_transfer(duration=90)) == {"show_goal_duration": 90}
    assert encode_headers(a_transfer(duration=None)) == {}


def test_arguments_and_headers_of_a_newer_version_are_ignored_D45() -> None:
    assert decode(DeactivateGoal, {"goal_id": GOAL, "colour": "red"}, {"show_goal_colour": "red"}) == DeactivateGoal(
        goal_id=GOAL
    )


def test_other_headers_are_ignored() -> None:
    headers = {"task": "transfer", "show_goal_unknown": "1", "traceparent": "00-1-2-01"}
    assert decode(Transfer, encode_arguments(a_transfer()), headers) == a_transfer(duration=None)


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        (CreateGoal, {"goal_id": 1}, "create_goal.goal_id"),
        (CreateGoal, {"active": 1}, "create_goal.active"),
        (CreateGoal, {"_cls": None}, "create_goal._cls"),
        (CreateGoal, {"conditions": []}, "create_goal.conditions"),
        (CreateGoal, {"levels": "[]"}, "create_goal.levels"),
        (CreateGoal, {"exp": 1767225600}, "create_goal.exp"),
        (CreateGoal, {"exp": "tomorrow"}, "create_goal.exp"),
        (CreateGoal, {"exp": "2026-01-01T00:00:00"}, "create_goal.exp"),
        (Transfer, {"amount": "90"}, "transfer.amount"),
        (Transfer, {"amount": 90.0}, "transfer.amount"),
        (Transfer, {"amount": True}, "transfer.amount"),
        (Transfer, {"tags": "swag::"}, "transfer.tags"),
        (Transfer, {"tags": [1]}, "transfer.tags"),
        (DeactivateGoal, {"filters": []}, "deactivate_goal.filters"),
        (DeactivateGoal, {"triggerer": 1}, "deactivate_goal.triggerer"),
        (DeactivateGoal, {"metadata": {"agreed": 1}}, "deactivate_goal.metadata"),
        (DeactivateGoal, {"metadata": {"agreed": None}}, "deactivate_goal.metadata"),
        (DeactivateGoal, {"metadata": "agreed"}, "deactivate_goal.metadata"),
        (DeactivateGoal, {"goal_id": MISSING}, "deactivate_goal.goal_id"),
        (CreateGoal, {"_cls": MISSING}, "create_goal._cls"),
    ],
)
def test_a_wrong_or_missing_argument_is_refused_by_name(
    kind: type[Message], changes: dict[str, Any], field: str
) -> None:
    right: dict[type[Message], dict[str, object]] = {
        CreateGoal: encode_arguments(a_create_goal()),
        Transfer: encode_arguments(a_transfer()),
        DeactivateGoal: {"goal_id": GOAL},
    }
    arguments = {name: value for name, value in {**right[kind], **changes}.items() if value is not MISSING}
    with pytest.raises(MalformedMessage, match=re.escape(field)):
        decode(kind, arguments, {})


def test_a_wrong_header_is_refused_by_name() -> None:
    with pytest.raises(MalformedMessage, match=r"transfer\.duration"):
        decode(Transfer, encode_arguments(a_transfer()), {"show_goal_duration": "90"})


def test_cattrs_global_converter_is_not_changed_D3() -> None:
    assert cattrs.structure("1", int) == 1
    assert cattrs.unstructure(EXP) == EXP
