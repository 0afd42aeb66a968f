"""The demo for people: what repeats takes one line. rich sees to colours, NO_COLOR and the width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ...core.model import Audit
from ...core.names import PRESET_SD
from .cast import MONEY, PEOPLE, PRICING, SID
from .scene import Act, Answer, Request, Scene
from .values import compact, iso, readable
from .work import Seen, work

STATUS_STYLES = {2: "bold green", 4: "bold red"}


def print_demo(scenes: Iterable[Scene], console: Console) -> None:
    console.print(_introduction())
    seen = Seen()
    groups = [list(group) for _, group in groupby(scenes, key=lambda scene: scene.refused)]
    for number, group in enumerate(_parts(groups), start=1):
        console.print(Text())
        console.print(_refusals(number, group) if len(group) > 1 else _scene(number, group[0], seen))


def _parts(groups: list[list[Scene]]) -> list[list[Scene]]:
    """Refusals one after another are told together, in a table; every other scene for itself."""
    return [part for group in groups for part in ([group] if group[0].refused else [[scene] for scene in group])]


def _introduction() -> RenderableType:
    money = ", ".join(f"{PEOPLE[user_id]} {amount}" for user_id, amount in MONEY.items() if amount)
    rate = PRICING[PRESET_SD]
    return Group(
        Text("Show Goal: a viewer's paid invitation to a private show, all in memory", style="bold"),
        Text(f"In virtual time. {PEOPLE[SID.id]} streams; 60 s of {PRESET_SD} cost {rate}. To spend: {money}."),
    )


def _scene(number: int, scene: Scene, seen: Seen) -> RenderableType:
    parts: list[RenderableType] = [_heading(number, scene.title)]
    for act in scene.acts:
        parts += _act(act, seen)
    parts.append(_ledger(scene))
    if scene.remark:
        parts.append(Text(scene.remark, style="italic"))
    if scene.audit:
        parts += [Text(), _audit(scene.audit)]
    return Group(*parts)


def _act(act: Act, seen: Seen) -> Iterator[RenderableType]:
    """A request in full, or in one line when there are words for it; what happens by itself, with what it set off."""
    if act.request and act.answer and act.words:
        yield Text.assemble(
            (f"{PEOPLE[act.request.user_id or ''].ljust(8)} {act.words}: "), _answer(act.answer, brief=True)
        )
        return
    if act.request and act.answer:
        yield _request(act.request)
        yield _answer(act.answer)
    else:
        yield Text(f"{act.words}:" if act.traces else act.words, style="bold")
    ours = [trace for trace in act.traces if trace.ids.get("goal_id", act.goal_id) == act.goal_id]
    yield from (work(trace, seen) for trace in ours)
    if others := len(act.traces) - len(ours):
        yield Text(f"         and {others} late tasks of goals that ended before: no money moves", style="dim")
    if act.passes:
        passes = [f"{PEOPLE[viewer_id]} until {iso(one.exp)}" for viewer_id, one in act.passes.items()]
        yield Text.assemble(("viewers  ", "dim"), "may see the show: ", ", ".join(passes))


def _heading(number: int, title: str) -> Rule:
    return Rule(Text(f"{number}. {title}", style="bold cyan"), align="left", style="cyan")


def _request(request: Request) -> Text:
    body = "" if request.body is None else f" {compact(request.body)}"
    return Text.assemble((f"{request.method} {request.path}", "bold"), body)


def _answer(answer: Answer, *, brief: bool = False) -> Text:
    """The transaction id is left out, since it stands in the task; in brief, everything that is no amount."""
    body = {name: value for name, value in answer.body.items() if name not in ("code", "transaction_id")}
    if brief:
        body = {name: value for name, value in body.items() if name == "amount"}
    said = [str(answer.body["code"])] if "code" in answer.body else []
    said += [
        f"{name} {', '.join(value) if isinstance(value, dict) else readable(value)}" for name, value in body.items()
    ]
    text = Text.assemble((str(answer.status), STATUS_STYLES[answer.status // 100]), f" {', '.join(said)}".rstrip())
    return text if answer.retry_after is None else text.append(f", Retry-After: {answer.retry_after}", "yellow")


def _ledger(scene: Scene) -> RenderableType:
    """The accounts that moved, as they went; one line when none did."""
    ledgers = [scene.before, *(act.ledger for act in scene.acts)]
    if all(ledger == scene.before for ledger in ledgers):
        return Text("ledger   unchanged", style="dim")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("ledger ")
    for title in ("available", "held"):
        table.add_column(title, justify="right")
    for user_id in scene.before:
        balances = [ledger[user_id] for ledger in ledgers]
        if len(set(balances)) > 1:
            available = _course([balance.available for balance in balances])
            table.add_row(PEOPLE[user_id], available, _course([balance.held for balance in balances]))
    return table


def _course(amounts: Iterable[int]) -> str:
    """What became of an amount; where it stayed the same it is said once."""
    return " -> ".join(str(amount) for amount, _ in groupby(amounts))


def _audit(audit: Audit) -> Text:
    sums = f"money: {audit.available} available + {audit.held} held = {audit.deposited} deposited"
    return Text(f"{sums}, {'; '.join(audit.problems) or 'no problems'}", style="bold red" if audit.problems else "bold")


def _refusals(number: int, scenes: list[Scene]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("what happens", "refused for", "answer"):
        table.add_column(title)
    for scene in scenes:
        act = scene.acts[0]
        if act.answer:
            table.add_row(scene.title, Text(act.traces[0].reason or "", style="red"), _answer(act.answer))
    return Group(
        _heading(number, "Refused, one guard after another"),
        table,
        _ledger(scenes[-1]),
        Text("Dan never learns that he is blocked: the true reason stands in logs and traces alone.", style="italic"),
    )
