"""``show-goal demo``: what people read, and the document that programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from show_goal.adapters.flask import create_app
from show_goal.cli.commands import show_goal
from show_goal.cli.demo import cast
from show_goal.cli.demo.scenario import scenes
from show_goal.cli.demo.scene import Answer, Request
from show_goal.cli.demo.stage import Ask, Stage
from show_goal.core.names import GOAL_CLASSES

GOLDEN = Path(__file__).parent / "golden"
WIDTH = "100"


def run_demo(*arguments: str, **environment: str) -> Result:
    result = CliRunner().invoke(show_goal, ["demo", *arguments], env={"COLUMNS": WIDTH, **environment})
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(run_demo("--json").stdout)
    return parsed


def acts(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [act for scene in document["scenes"] for act in scene["acts"]]


def refusals(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [act for act in acts(document) if act["answer"] and act["answer"]["status"] >= 400]


def scene_called(document: dict[str, Any], words: str) -> dict[str, Any]:
    (scene,) = [scene for scene in document["scenes"] if words in scene["title"]]
    return dict(scene)


def sent(scene: dict[str, Any], event: str) -> list[list[str]]:
    """The channels of each notification of the event."""
    steps = [step for act in scene["acts"] for trace in act["traces"] for step in trace["steps"]]
    return [step["channels"] for step in steps if (step["kind"], step["name"]) == ("notification", event)]


def test_the_flow_is_told_in_its_order() -> None:
    told = run_demo().stdout
    for sentence in (
        "1. Alice invites Sid",
        "202 goal_id 000000000000000000000001, amount 90, exp 1767225900",
        "task     create_goal",
        'metadata          {"user_id": "51d000000000000000000001", "triggered_by":',
        "task     transfer",
        "session:trigger-private:000000000000000000000001:a11ce0000000000000000001",
        "duration (header) 90",
        "signal   goal.created (goal_id, active, _cls, conditions, context, levels, nbf, exp)",
        "skipped  bind_karaoke_goal_to_session",
        "ran      schedule_lifecycle_tasks",
        "task deactivate_goal, due 2026-01-01T00:05:00Z",
        "ran      bind_trigger_private_goal_to_session",
        "signal   goal.added (goal_id, _cls, conditions, context, session_id, streamer_id)",
        "goal.added to presence-stream@51d000000000000000000001,",
        "private-stream@51d000000000000000000001, private-user@51d000000000000000000001",
        "signal   transaction.created (",
        "signal   balance.decremented (",
        "task increment_goal_progress",
        "signal   goal.progressed (",
        "goal.progress.updated to the same channels",
        "Alice    150 -> 60  0 -> 90",
        "2. Bob joins the ongoing goal",
        "worker   increment_goal_progress: goal.progressed (3 ran, 4 skipped)",
        "Bob      100 -> 70  0 -> 30",
        "3. Alice's phone sends her invitation once more",
        "transfer, every argument as it was in an earlier one",
        "ledger   unchanged",
        "4. Refused, one guard after another",
        "blocked               403 private_show_unavailable",
        "5. Sid agrees, switches to sd, and is paid a minute later",
        'DELETE /goals/000000000000000000000001 {"agree": true}',
        "task settle_escrow, due 2026-01-01T00:01:00Z",
        "presence-stream-viewer@51d000000000000000000001.preview.a11ce0000000000000000001,",
        "presence-stream-viewer@51d000000000000000000001.preview.b0b000000000000000000001",
        "may see the show: Alice until 2026-01-01T00:01:30Z, Bob until 2026-01-01T00:00:30Z",
        "PATCH /streams/me/preset/sd",
        "signal   session.preset-changed (streamer_id, session_id, preset, from_preset, price)",
        "worker   settle_escrow",
        "Sid       0 -> 120        0",
        "6. Sid agrees, but never switches to sd: refunded",
        "Alice    60 -> 30 -> 60  0 -> 30 -> 0",
        "Bob      70 -> 10 -> 70  0 -> 60 -> 0",
        "7. Sid refuses: refunded, and the session rests for 60 s",
        "metadata          left out",
        "Bob      invites again at once: 429 cooldown, Retry-After: 60",
        "worker   settle_escrow: 2 x balance.incremented",
        "8. Sid does not answer: the goal expires, refunded",
        "429 cooldown, Retry-After: 45",
        "Bob      70 -> 10 -> 70  0 -> 60 -> 0",
        "9. Sid's other goals: karaoke, an exclusive show, and a show that is funded",
        "worker   create_goal: goal.created (2 ran, 7 skipped), goal.added (3 ran, 1 skipped)",
        "worker   increment_goal_progress: goal.progressed (4 ran, 3 skipped)",
        "worker   create_goal: goal.created (4 ran, 5 skipped), goal.added (4 ran)",
        "worker   deactivate_goal: goal.ended (8 ran, 5 skipped)",
        "Bob      invites meanwhile: 403 show_running",
        "worker   create_goal: goal.created (3 ran, 6 skipped), goal.added (4 ran)",
        "worker   settle_escrow: 1 x balance.incremented",
        "Dan      300 -> 270  0 -> 30 -> 0",
        "10. The broker loses every message, timers included: one sweep does it all",
        "swept    1 ended, 0 resumed, 1 settled, 0 refunded",
        "Bob      70 -> 40 -> 70  0 -> 30 -> 0",
        "money: 560 available + 0 held = 560 deposited, no problems",
    ):
        assert sentence in told
        told = told.partition(sentence)[2]
    assert not told.strip()


def test_no_escape_codes_when_the_output_is_no_terminal() -> None:
    assert "\x1b" not in run_demo().stdout


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[32m" in run_demo(FORCE_COLOR="1", TERM="xterm").stdout
    assert "\x1b[32m" not in run_demo(FORCE_COLOR="1", TERM="xterm", NO_COLOR="1").stdout


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, run_demo(COLUMNS=str(width)).stdout.splitlines())) <= width


def test_it_is_read_in_two_minutes() -> None:
    assert len(run_demo().stdout.splitlines()) <= 240


def test_the_json_document_is_stable() -> None:
    assert run_demo("--json").stdout == (GOLDEN / "demo.json").read_text()


def test_each_refusal_of_the_route_has_its_scene(document: dict[str, Any]) -> None:
    """D9, with 400, 401 and 409 beside it: the true reason in the trace, the public code in the answer (D10)."""
    refused = [
        (act["traces"][0]["reason"], act["answer"]["status"], act["answer"]["body"]["code"])
        for act in refusals(document)
    ]
    assert refused == [
        ("not_logged_in", 401, "not_logged_in"),
        ("invalid_invitation", 400, "invalid_invitation"),
        ("session_not_found", 404, "session_not_found"),
        ("own_session", 403, "own_session"),
        ("blocked", 403, "private_show_unavailable"),
        ("no_price", 403, "private_show_unavailable"),
        ("show_running", 403, "show_running"),
        ("transaction_conflict", 409, "transaction_conflict"),
        ("insufficient_balance", 403, "insufficient_balance"),
        ("cooldown", 429, "cooldown"),
        ("cooldown", 429, "cooldown"),
        ("show_running", 403, "show_running"),
    ]


def test_a_refusal_moves_no_money(document: dict[str, Any]) -> None:
    ledgers = [act["ledger"] for act in acts(document)]
    for act, before in zip(acts(document)[1:], ledgers, strict=False):
        if act in refusals(document):
            assert act["ledger"] == before


def test_the_money_is_constant_from_act_to_act_L6(document: dict[str, Any]) -> None:
    totals = {
        sum(balance["available"] + balance["held"] for balance in act["ledger"].values()) for act in acts(document)
    }
    assert totals == {document["scenes"][-1]["audit"]["deposited"]}


def test_an_agreed_show_that_starts_pays_the_streamer_and_lets_the_payers_in_L3(document: dict[str, Any]) -> None:
    scene = scene_called(document, "is paid a minute later")
    assert scene["acts"][-1]["ledger"][cast.SID.id] == {"available": 120, "held": 0}
    assert {viewer: one["duration"] for viewer, one in scene["acts"][0]["passes"].items()} == {
        cast.ALICE.id: 90,
        cast.BOB.id: 30,
    }
    channel = f"presence-stream-viewer@{cast.SID.id}.preview."
    assert sent(scene, "stream.authorized") == [[channel + cast.ALICE.id, channel + cast.BOB.id]]


@pytest.mark.parametrize(
    "title", ["never switches to sd", "Sid refuses", "does not answer", "The broker loses every message"]
)
def test_every_other_end_gives_each_payer_their_own_back_L3(document: dict[str, Any], title: str) -> None:
    scene = scene_called(document, title)
    assert any(balance["held"] for act in scene["acts"] for balance in act["ledger"].values())
    assert scene["acts"][-1]["ledger"] == scene["ledger"]


def test_nothing_settles_before_the_sweep_when_every_message_is_lost_D26(document: dict[str, Any]) -> None:
    *_, waited, swept = scene_called(document, "The broker loses")["acts"]
    assert waited["traces"] == []
    assert sum(balance["held"] for balance in waited["ledger"].values()) == 90
    assert sum(balance["held"] for balance in swept["ledger"].values()) == 0


def test_every_class_of_goals_has_its_part_in_a_scene(document: dict[str, Any]) -> None:
    created = [
        step["arguments"]["_cls"]
        for act in acts(document)
        for trace in act["traces"]
        for step in trace["steps"]
        if (step["kind"], step["name"]) == ("signal", "goal.added")
    ]
    assert set(created) == set(GOAL_CLASSES)


def test_a_show_that_was_funded_pays_the_streamer_and_ends_the_refusal_N7(document: dict[str, Any]) -> None:
    scene = scene_called(document, "a show that is funded")
    assert [act["answer"]["body"]["code"] for act in scene["acts"] if act in refusals(document)] == ["show_running"]
    assert scene["acts"][-1]["ledger"][cast.SID.id]["available"] == scene["ledger"][cast.SID.id]["available"] + 30
    assert scene_called(document, "The broker loses")["acts"][0]["answer"]["status"] == 202


def test_it_ends_with_the_audit(document: dict[str, Any]) -> None:
    audits = [scene["audit"] for scene in document["scenes"]]
    assert audits[:-1] == [None] * (len(audits) - 1)
    assert audits[-1] == {"available": 560, "held": 0, "deposited": 560, "problems": []}


class RouteStage(Stage):
    """The same scenes, asked of the routes themselves."""

    def answer(self, request: Request, ask: Ask) -> Answer:
        user = self.container.viewers().get(request.user_id) if request.user_id else None
        client = create_app(self.container, current_user=lambda: user).test_client()
        response = client.open(request.path, method=request.method, json=request.body)
        retry_after = response.headers.get("Retry-After")
        about = ("type", "title", "status", "detail")
        return Answer(
            status=response.status_code,
            body={name: value for name, value in response.get_json().items() if name not in about},
            retry_after=None if retry_after is None else int(retry_after),
        )


def test_the_demo_answers_as_the_routes_do() -> None:
    told, answered = scenes(Stage()), scenes(RouteStage())
    assert [act.answer for scene in told for act in scene.acts] == [
        act.answer for scene in answered for act in scene.acts
    ]
