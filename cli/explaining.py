"""``show-goal why``: one screen about a user, a goal or a transaction."""

from __future__ import annotations

from attrs import asdict
from rich.console import Console
from rich.text import Text

from ..core.operators.story import Answer, Verdict
from .acting import acting, failures_as_json, print_json
from .terminal import print_line, terminal

STYLES = {Verdict.SET_ASIDE: "bold red", Verdict.HELD: "yellow", Verdict.RELEASED: "green", Verdict.REFUNDED: "green"}
NOTHING = (
    "No transaction, goal or user with money has this id. If it is a goal's, the goal was never created and nothing "
    "was held for it: the invitation has lapsed, and nothing was charged."
)


def explain(asked: str, container: object, as_json: bool) -> None:
    """Print what is known. Exits with 1 if nothing is."""
    with failures_as_json(as_json, asked=asked), acting(container) as found:
        answer: Answer | None = found.explain_money()(asked)
    if as_json:
        print_json(_document(asked, answer))
    elif answer is None:
        terminal().print(NOTHING)
    else:
        print_answer(terminal(), answer)
    if answer is None:
        raise SystemExit(1)


def _document(asked: str, answer: Answer | None) -> dict[str, object]:
    if answer is None:
        return {"asked": asked, "kind": None, "verdict": None, "says": NOTHING, "lines": []}
    document = asdict(answer, recurse=False)
    lines = [{**asdict(line), "at": None if line.at is None else line.at.isoformat()} for line in answer.lines]
    return {**document, "lines": lines}


def print_answer(console: Console, answer: Answer) -> None:
    """The answer on the first line, and below it how it came about."""
    head = Text.assemble(f"{answer.kind} ", (answer.verdict.value, STYLES.get(answer.verdict, "bold")), "  ")
    print_line(console, head, answer.says)
    console.print()
    for line in answer.lines:
        at = "" if line.at is None else f"{line.at:%Y-%m-%d %H:%M:%S}"
        print_line(console, Text(f"{at:19}  {line.source:10}  "), line.says)
