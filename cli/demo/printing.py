"""The demo for people: a full act step by step, every other act with one line for each request and task."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, takewhile
from typing import Any

from attrs import frozen
from rich.console import Console
from rich.text import Text

from ...core.names import PRESET_SD, announcement_channels
from ...core.receivers.registry import MATRIX
from ...core.steps import Step
from ...core.trace import Trace
from ..terminal import print_line
from .cast import MONEY, PEOPLE, PRICING, SID
from .stage import Act, Answer, Scene, plain

STYLES = {"ran": "green", "skipped": "dim", "failed": "bold red", "refused": "red", "task": "cyan", "signal": "magenta"}
RECEIVERS = {event.sender: {row.name for row in rows} for event, rows in MATRIX.rows.items()}

Nested = tuple[int, Step]
"""How many signals and receivers a step is inside of, and the step."""


def nested(steps: Iterable[Step]) -> Iterator[Nested]:
    """A trace is flat. A receiver is inside of the last signal that it listens to, and what it does inside of it."""
    path: list[Step] = []
    for step in steps:
        if step.kind == "receiver":
            while path and step.name not in RECEIVERS.get(path[-1].name, ()):
                path.pop()
        yield len(path), step
        if step.kind == "receiver" or (step.kind == "signal" and step.name in RECEIVERS):
            path.append(step)


def print_demo(scenes: Iterable[Scene], console: Console) -> None:
    money = ", ".join(f"{PEOPLE[user_id]} {amount}" for user_id, amount in MONEY.items() if amount)
    rate = PRICING[PRESET_SD]
    console.print(Text("Show Goal: a viewer's paid invitation to a private show", "bold"))
    for line in (
        "Everything happens in memory, in virtual time. Each guard is named for what it refuses.",
        f"{PEOPLE[SID.id]} streams; 60 s of {PRESET_SD} cost {rate}. To spend: {money}.",
    ):
        print_line(console, Text(), line)
    for number, scene in enumerate(scenes, start=1):
        console.print()
        print_line(console, Text(), f"{number}. {scene.title}", "bold cyan")
        _Printer(console).scene(scene)


@frozen
class _Printer:
    console: Console

    def line(self, label: str, text: str, style: str = "", depth: int = 0) -> None:
        print_line(self.console, Text.assemble(("  " * depth + label.ljust(9), "dim")), text, style)

    def scene(self, scene: Scene) -> None:
        for act in scene.acts:
            self.act(act)
        for course in list(_courses(scene)) or ["unchanged"]:
            self.line("ledger", course)
        if scene.remark:
            self.line("note", scene.remark, "italic")
        if audit := scene.audit:
            sums = f"{audit.available} available + {audit.held} held = {audit.deposited} deposited"
            self.line("audit", f"{sums}, {'; '.join(audit.problems) or 'no problems'}", "bold")

    def act(self, act: Act) -> None:
        if act.request is None or act.answer is None:
            self.line("then", act.words, "bold")
        elif act.words:
            person = PEOPLE.get(act.request.user_id or "", "Nobody")
            self.line(person, f"{act.words}: {_brief_answer(act.answer, act.traces[0])}", "bold")
        else:
            body = "" if act.request.body is None else f" {_json(act.request.body)}"
            self.line(PEOPLE[act.request.user_id or ""], f"{act.request.method} {act.request.path}{body}", "bold")
            self.line("answer", f"{act.answer.status} {_json(act.answer.body)}", "bold green")
        for number, trace in enumerate(act.traces):
            of_request = act.request is not None and number == 0
            if act.full or not of_request or _does_something(act, trace):
                self.unit("request" if of_request else "worker", trace, act)
        for viewer_id, viewer_pass in act.passes.items():
            self.line("pass", f"{PEOPLE[viewer_id]} may see the show until {_text(viewer_pass.exp)}")

    def unit(self, label: str, trace: Trace, act: Act) -> None:
        name = trace.name if act.request else f"{trace.name} {trace.ids.get('goal_id', '')}".rstrip()
        ending = [f"{trace.outcome}, {trace.reason}"] if trace.reason else []
        if not act.full:
            self.line(label, f"{name}: {', '.join([*_brief(trace), *ending]) or 'nothing to do'}")
            return
        self.line(label, ": ".join([name, *ending]), "bold")
        for (depth, outcome), group in groupby(nested(trace.steps), key=lambda one: (one[0], one[1].outcome)):
            steps = [step for _, step in group]
            if outcome == "passed":
                self.line("guards", f"passed: {', '.join(step.name for step in steps)}", depth=depth + 1)
            elif outcome == "skipped":
                self.line(outcome, ", ".join(step.name for step in steps), STYLES[outcome], depth + 1)
            else:
                for step in steps:
                    self.step(step, depth + 1)

    def step(self, step: Step, depth: int) -> None:
        detail: Mapping[str, Any] = step.detail
        if step.kind == "task":
            due = f", due {_text(detail['eta'])}" if "eta" in detail else ""
            self.line("task", f"{step.name}{due}", STYLES["task"], depth)
            headers = {f"{name} (header)": value for name, value in detail.items() if name not in ("arguments", "eta")}
            for name, value in {**detail["arguments"], **headers}.items():
                self.line(f"{' ' * 11}{name.ljust(20)}", _text(value), depth=depth)
        elif step.kind == "signal":
            self.line("signal", f"{step.name} ({', '.join(detail['arguments'])})", STYLES["signal"], depth)
        elif step.kind == "notification":
            self.line("notify", f"{step.name} on {', '.join(detail['channels'])}", depth=depth)
        elif step.kind == "money":
            self.line("money", f"{step.name} {_moved(detail)}, {detail['transaction_id']}", depth=depth)
        elif step.kind == "decision":
            self.line("decision", f"{step.name}: {detail['rule']}", depth=depth)
        else:
            self.line(step.outcome, ": ".join([step.name, *map(_text, detail.values())]), STYLES[step.outcome], depth)


def _brief(trace: Trace) -> Iterator[str]:
    """The tasks of a unit itself, the money it moved, whom it told, and each signal with how many receivers ran."""
    steps = list(nested(trace.steps))
    for position, (depth, step) in enumerate(steps):
        detail: Mapping[str, Any] = step.detail
        if step.kind == "task" and depth == 0:
            yield f"task {step.name}"
        elif step.kind == "decision":
            yield f"decided {step.name}, {detail['rule']}"
        elif step.kind == "money":
            yield f"{step.name} {_moved(detail)}"
        elif step.kind == "notification" and depth == 0:
            yield f"{step.name} to {_hearers(detail['channels'])}"
        elif step.kind == "sweep":
            yield ", ".join(f"{name} {count}" for name, count in detail.items() if count is not False)
        elif step.kind == "signal":
            outcomes = _outcomes(steps[position + 1 :], depth + 1)
            yield f"{step.name} ({outcomes.count('ran')} of {len(outcomes)} ran)" if outcomes else step.name


def _moved(detail: Mapping[str, Any]) -> str:
    return f"{detail['released']} of {detail['amount']}" if "released" in detail else f"{detail['amount']}"


def _does_something(act: Act, trace: Trace) -> bool:
    return trace.outcome != "refused" and act.request is not None and act.request.method != "GET"


def _hearers(channels: Sequence[str]) -> str:
    if set(announcement_channels(SID.id)) <= set(channels):
        return "everybody"
    return ", ".join(name for user_id, name in PEOPLE.items() if any(one.endswith(user_id) for one in channels))


def _outcomes(steps: Sequence[Nested], depth: int) -> list[str]:
    """Of the receivers at ``depth``, until the steps leave it."""
    return [step.outcome for level, step in takewhile(lambda one: one[0] >= depth, steps) if level == depth]


def _brief_answer(answer: Answer, trace: Trace) -> str:
    words = [str(answer.status)]
    words += [str(answer.body["code"])] if "code" in answer.body else []
    words += [f"amount {answer.body['amount']}"] if "amount" in answer.body else []
    if isinstance(why := answer.body.get("why"), dict):
        words += [f"{answer.body['state']}, {why['rule']}"]
    if isinstance(show := answer.body.get("show"), dict):
        words += [f"showing: {show['cost']} for {show['seconds_shown']} s so far, {show['seconds_left']} s left"]
    words += [f"Retry-After {answer.retry_after}"] if answer.retry_after is not None else []
    words += [f"(refused by {trace.reason})"] if trace.reason else []
    return " ".join(words)


def _courses(scene: Scene) -> Iterator[str]:
    """The balances that each account went through in the scene, of the accounts that changed."""
    ledgers = [scene.ledger, *(act.ledger for act in scene.acts)]
    for user_id in scene.ledger:
        balances = [ledger[user_id] for ledger in ledgers]
        if len(set(balances)) > 1:
            available, held = (
                _course(amounts) for amounts in zip(*((b.available, b.held) for b in balances), strict=True)
            )
            yield f"{PEOPLE[user_id]}: available {available}, held {held}"


def _course(amounts: Sequence[int]) -> str:
    """``150 -> 60``: every amount that differs from the one before."""
    return " -> ".join(str(amount) for amount, _ in groupby(amounts))


def _json(value: object) -> str:
    return json.dumps(value, default=plain)


def _text(value: object) -> str:
    """JSON, without quotation marks around a text or a time."""
    return value if isinstance(value, str) else _json(value).strip('"')
