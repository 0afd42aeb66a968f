"""One trace for people: a request or a task, with its guards, tasks, signals, receivers and notifications (D28)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from attrs import field, frozen
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ...core.receivers.registry import MATRIX
from ...core.trace import Step, Trace
from .values import readable

STYLES = {"ran": "green", "skipped": "dim", "failed": "bold red"}


@frozen
class Seen:
    """What was told in full before: from then on it takes one line."""

    guards: set[str] = field(factory=set)
    tasks: dict[str, list[Mapping[str, Any]]] = field(factory=dict)
    signals: set[str] = field(factory=set)
    channels: set[tuple[str, ...]] = field(factory=set)


def work(trace: Trace, seen: Seen) -> RenderableType:
    """What was told in full once takes no row of its own afterwards."""
    own_steps, *signals = _under_their_signals(_cut(trace.steps, "signal"))
    news = not seen.signals.issuperset(signal.name for signal, *_ in signals)
    guards = [step for step in own_steps if (step.kind, step.outcome) == ("guard", "passed")]
    telling = _unit(trace) == "request" and not seen.guards.issuperset(step.name for step in guards)
    grid = _grid(8)
    brief = [] if telling else _passed(trace, guards)
    brief += [] if news else _in_brief(signals)
    if trace.outcome != "done":
        brief.append(f"{trace.outcome}, {trace.reason}")
    elif not brief and not telling and all(step.kind == "guard" for step in trace.steps):
        brief = ["nothing left to do"]
    grid.add_row(
        Text(_unit(trace), style="bold"), Text.assemble((trace.name, "bold"), ": " if brief else "", ", ".join(brief))
    )
    if telling:
        grid.add_row("guards", _guards(guards, seen))
    for step in own_steps:
        if step.kind == "task":
            grid.add_row("task", _task(step, seen))
        elif step.kind == "sweep":
            grid.add_row("swept", ", ".join(f"{count} {name}" for name, count in step.detail.items()))
    for signal, steps in _told(signals) if news else ():
        grid.add_row("signal", _signal(signal, steps, seen))
    return grid


def _unit(trace: Trace) -> str:
    return "request" if trace.ids.keys() & {"viewer_id", "streamer_id"} else "worker"


def _passed(trace: Trace, guards: Sequence[Step]) -> list[str]:
    return [f"{len(guards)} guards passed"] if guards and _unit(trace) == "request" else []


def _told(signals: Sequence[Sequence[Step]]) -> Iterator[tuple[Step, Sequence[Step]]]:
    """Each signal once, with what its receivers did; the signal that one of them sent is told of it, too."""
    told = set()
    for (signal, *steps), following in pairwise([*signals, []]):
        if signal.name not in told:
            yield signal, [*steps, *following[:1]]
        told.add(signal.name)


def _in_brief(signals: Sequence[Sequence[Step]]) -> Iterator[str]:
    """Each signal with how many of its receivers ran, or with how often it was sent when it has none."""
    for name, group in groupby(signals, key=lambda part: part[0].name):
        parts = list(group)
        outcomes = Counter(step.outcome for _, *steps in parts for step in steps if step.kind == "receiver")
        counts = [f"{outcomes[outcome]} {outcome}" for outcome in STYLES if outcomes[outcome]]
        yield f"{name} ({', '.join(counts)})" if counts else f"{len(parts)} x {name}"


def _guards(steps: Sequence[Step], seen: Seen) -> Text:
    """The names, each called what it refuses for."""
    explained = "" if seen.guards else " (each is named for what it refuses)"
    names = [step.name for step in steps]
    seen.guards.update(names)
    return Text.assemble((f"passed{explained}: ", "green"), ", ".join(names))


def _task(step: Step, seen: Seen) -> RenderableType:
    """The task with its exact arguments and what travels beside them; what the one before had is left out."""
    detail: Mapping[str, Any] = step.detail
    headers = {f"{name} (header)": value for name, value in detail.items() if name != "arguments"}
    arguments: Mapping[str, Any] = {**detail["arguments"], **headers}
    before = seen.tasks.setdefault(step.name, [])
    if arguments in before:
        return Text.assemble((step.name, "cyan"), (", every argument as it was in an earlier one", "dim"))
    last = before[-1] if before else {}
    before.append(arguments)
    grid = _grid(17)
    for name, value in arguments.items():
        if last.get(name, ...) != value:
            grid.add_row(name, Text(readable(value), overflow="fold"))
    for name in last.keys() - arguments.keys():
        grid.add_row(name, Text("left out", style="dim"))
    rest = ", the other arguments as before" if last else ""
    return Group(Text.assemble((step.name, "cyan"), (rest, "dim")), grid)


def _signal(signal: Step, steps: Sequence[Step], seen: Seen) -> RenderableType:
    """The signal, and a table of who heard it, in their order; those that returned stand together."""
    detail: Mapping[str, Any] = signal.detail
    seen.signals.add(signal.name)
    name = Text.assemble((signal.name, "magenta"), (f" ({', '.join(detail['arguments'])})", "dim"))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=len("skipped"))
    table.add_column()
    for skipped, group in groupby(_cut(steps, "receiver")[1:], key=lambda part: part[0].outcome == "skipped"):
        if skipped:
            table.add_row(Text("skipped", STYLES["skipped"]), Text(", ".join(part[0].name for part in group), "dim"))
            continue
        for receiver, *did in group:
            table.add_row(Text(receiver.outcome, STYLES[receiver.outcome]), receiver.name)
            for line in _did(receiver, did, seen):
                table.add_row("", Padding(Text(line, overflow="fold"), (0, 0, 0, 1)))
    return Group(name, table) if table.row_count else name


def _did(receiver: Step, did: Sequence[Step], seen: Seen) -> Iterator[str]:
    """What the trace holds of a receiver's own doing, or why it failed."""
    if "error" in receiver.detail:
        yield str(receiver.detail["error"])
    for step in did:
        detail: Mapping[str, Any] = step.detail
        if step.kind == "notification":
            channels = tuple(detail["channels"])
            known = channels in seen.channels
            seen.channels.add(channels)
            yield f"{step.name} to {'the same channels' if known else ', '.join(channels)}"
        elif "eta" in detail:
            yield f"{step.kind} {step.name}, due {readable(detail['eta'])}"
        else:
            yield f"{step.kind} {step.name}"


def _cut(steps: Sequence[Step], kind: str) -> list[list[Step]]:
    """Cut before each step of the kind; the first part is what stands before any."""
    parts: list[list[Step]] = [[]]
    for step in steps:
        if step.kind == kind:
            parts.append([])
        parts[-1].append(step)
    return parts


def _under_their_signals(parts: Sequence[list[Step]]) -> list[list[Step]]:
    """A signal that a receiver sends stands within the one it heard: what that one's others did stands after both."""
    own_steps, *signals = parts
    sorted_out: list[list[Step]] = [own_steps]
    for signal, *steps in signals:
        at = [signal]
        sorted_out.append(at)
        for step in steps:
            heard = [part for part in sorted_out[1:] if step.name in _RECEIVERS.get(part[0].name, ())]
            at = heard[-1] if step.kind == "receiver" and heard else at
            at.append(step)
    return sorted_out


_RECEIVERS = {event.sender: [row.name for row in rows] for event, rows in MATRIX.rows.items()}


def _grid(width: int) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(min_width=width, style="dim")
    grid.add_column()
    return grid
