"""``show-goal demo``: the printed text, and the JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from show_goal.adapters.flask import create_app
from show_goal.cli.commands import show_goal
from show_goal.cli.demo import cast
from show_goal.cli.demo.printing import print_demo
from show_goal.cli.demo.scenario import scenes
from show_goal.cli.demo.stage import Answer, Ask, Request, Stage
from show_goal.cli.terminal import terminal
from show_goal.core.names import GOAL_CLASSES
from show_goal.core.receivers.registry import MATRIX

PRINTED = Path(__file__).parent / "demo.txt"
TRANSACTION = "session:trigger-private:000000000000000000000001:a11ce0000000000000000001"

Document = dict[str, Any]


def run(*arguments: str, **environment: str | None) -> str:
    result = CliRunner().invoke(show_goal, ["demo", *arguments], env={"COLUMNS": "100", **environment})
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def document() -> Document:
    parsed: Document = json.loads(run("--json"))
    return parsed


def acts(document: Document) -> list[Document]:
    return [act for scene in document["scenes"] for act in scene["acts"]]


def steps(*acts: Document) -> Iterator[Document]:
    return (step for act in acts for trace in act["traces"] for step in trace["steps"])


def test_it_prints_the_whole_flow() -> None:
    """After a change, review the new text: ``COLUMNS=100 show-goal demo > tests/cli/demo.txt``."""
    assert run() == PRINTED.read_text()


def test_every_step_of_a_full_act_is_printed_D28(document: Document) -> None:
    lines = {line.strip() for line in run(COLUMNS="10000").splitlines()}
    text = "\n".join(lines)
    full = [act for act in acts(document) if act["full"]]
    assert full
    for step in steps(*full):
        match step:
            case {"kind": "guard" | "receiver", "outcome": "passed" | "skipped", "name": name}:
                assert any(name in line and line.startswith(("guards   passed:", "skipped  ")) for line in lines)
            case {"kind": "receiver", "name": name}:
                assert f"ran      {name}" in lines
            case {"kind": "notification", "name": name, "channels": channels}:
                assert f"notify   {name} on {', '.join(channels)}" in lines
            case {"kind": "task", "name": name, "arguments": arguments}:
                assert any(line.startswith(f"task     {name}") for line in lines)
                assert [value for value in arguments.values() if isinstance(value, str) and value not in text] == []
            case {"kind": "signal", "name": name, "arguments": arguments}:
                assert f"signal   {name} ({', '.join(arguments)})" in lines


def test_every_receiver_and_every_event_is_printed_with_who_hears_it(document: Document) -> None:
    text = run(COLUMNS="10000")
    assert [row.name for rows in MATRIX.rows.values() for row in rows if row.name not in text] == []
    events = {step["name"] for step in steps(*acts(document)) if step["kind"] == "notification"}
    assert [event for event in events if f"notify   {event} on " not in text and f"{event} to " not in text] == []


def test_a_failure_is_printed_with_its_reason_D28(capsys: pytest.CaptureFixture[str]) -> None:
    class BrokenFeed:
        def publish(self, *_: object) -> None:
            raise RuntimeError("the feed is broken")

    stage = Stage(feed=BrokenFeed())
    scene = stage.scene("Nobody reads the feed", [stage.invite(cast.ALICE)])
    print_demo([scene], terminal())
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "failed   generate_livestream_feed: RuntimeError: the feed is broken" in lines
    assert "worker   create_goal: failed, RuntimeError: the feed is broken" in lines
    assert "ran      trigger_notify_goal_added" in lines


def test_only_a_terminal_gets_colours() -> None:
    assert "\x1b" not in run()
    assert "\x1b[32m" in run(FORCE_COLOR="1", TERM="xterm")
    assert "\x1b[32m" not in run(FORCE_COLOR="1", TERM="xterm", NO_COLOR="1")


@pytest.mark.parametrize("width", ["80", "100", None], ids=["80", "100", "piped"])
def test_lines_have_no_padding_and_ids_are_never_broken(width: str | None) -> None:
    text = run(COLUMNS=width)
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert text.count(TRANSACTION) == PRINTED.read_text().count(TRANSACTION)
    too_long = [line for line in text.splitlines() if width is not None and len(line) > int(width)]
    assert [line for line in too_long if line.rindex(" ") > 45] == [], "only an id alone behind its label may be"


def test_the_demo_ends_with_an_audit_L6(document: Document) -> None:
    *others, audit, of_another_platform = [scene["audit"] for scene in document["scenes"]]
    assert audit == {"available": 610, "held": 0, "deposited": 610, "problems": []}
    assert of_another_platform == {"available": 620, "held": 0, "deposited": 620, "problems": []}
    assert others == [None] * len(others)


def test_every_goal_class_is_shown(document: Document) -> None:
    added = {step["arguments"]["_cls"] for step in steps(*acts(document)) if step["name"] == "goal.created"}
    assert added == set(GOAL_CLASSES)


class RouteStage(Stage):
    """The same scenes, asked of the routes."""

    def respond(self, request: Request, ask: Ask, status: int) -> Answer:
        user = cast.VIEWERS.get(request.user_id or "")
        client = create_app(self.container, current_user=lambda: user).test_client()
        key = {"Idempotency-Key": request.key} if request.key else {}
        response = client.open(request.path, method=request.method, json=request.body, headers=key)
        retry_after = response.headers.get("Retry-After")
        problem = ("type", "title", "status", "detail")
        return Answer(
            status=response.status_code,
            body={name: value for name, value in response.get_json().items() if name not in problem},
            retry_after=None if retry_after is None else int(retry_after),
        )


def test_the_demo_answers_as_the_routes_do() -> None:
    ours, routes = ([act.answer for scene in scenes(stage) for act in scene.acts] for stage in (Stage(), RouteStage()))
    assert ours == routes
