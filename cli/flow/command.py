"""``show-goal flow``: prints the flow of a container."""

from __future__ import annotations

import json

import click
from attrs import asdict
from rich.text import Text
from rich.tree import Tree

from ...adapters.container import Container
from ..terminal import terminal
from . import Flow, flow_of, mermaid
from .model import Receiver
from .rehearsal import Effects


def show_flow(container: Container, form: str) -> None:
    """Print the flow. ``form`` is mermaid, json or tree."""
    flow = flow_of(container)
    if form == "mermaid":
        click.echo(mermaid(flow), nl=False)
    elif form == "json":
        click.echo(json.dumps(asdict(flow)))
    else:
        terminal().print(tree(flow))


def tree(flow: Flow) -> Tree:
    """What each request and each task triggers. A signal's receivers are listed where it first occurs."""
    root = Tree(Text(f"The flow, for {', '.join(flow.goal_classes)}", style="bold"))
    listed: set[str] = set()
    for unit in flow.requests:
        _add(root.add(Text.assemble((unit.route or "", "bold"), f"  {unit.name}")), flow, unit.effects, listed)
    for unit in flow.tasks:
        _add(root.add(Text.assemble("task ", (unit.name, "cyan"))), flow, unit.effects, listed)
    for signal in flow.signals:
        if signal.sender not in listed:
            _add(root.add("sent elsewhere"), flow, Effects(signals=(signal.sender,)), listed)
    return root


def _add(branch: Tree, flow: Flow, effects: Effects, listed: set[str]) -> None:
    for task in effects.tasks:
        branch.add(Text.assemble("triggers ", (task, "cyan")))
    for sent in effects.notifications:
        branch.add(Text.assemble("notifies ", (sent.event, "blue"), f" on {', '.join(sent.channels)}"))
    for sender in effects.signals:
        signal = next(signal for signal in flow.signals if signal.sender == sender)
        line = Text.assemble("sends ", (sender, "magenta"), f" (signal {signal.signal})")
        if sender in listed:
            branch.add(line.append(", as above", "dim"))
            continue
        listed.add(sender)
        below = branch.add(line)
        for number, receiver in enumerate(signal.receivers, 1):
            _add(below.add(_receiver(flow, number, receiver)), flow, receiver.effects, listed)


def _receiver(flow: Flow, number: int, receiver: Receiver) -> Text:
    serves = receiver.serves(flow.goal_classes)
    style = "yellow" if receiver.host else "dim" if receiver.classes == () else "green"
    return Text.assemble(f"{number}. ", (receiver.name, style), (f": {serves}" if serves else "", "dim"))
