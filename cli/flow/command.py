"""``show-goal flow``: the flow of a container, for terminals, documents and programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import cast

import click
from attrs import asdict
from dependency_injector.containers import Container as AnyContainer
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from ...adapters.container import Container
from ...core.trace import describe
from ..importing import look_here_too
from . import Flow, flow_of, mermaid, svg
from .model import Doing, Receiver

FORMS: Mapping[str, Callable[[Flow], str]] = {
    "mermaid": mermaid,
    "svg": svg,
    "json": lambda flow: json.dumps(asdict(flow)) + "\n",
}


def show_flow(container: Container, form: str) -> None:
    """Print it: as ``FORMS`` have it, or as a tree."""
    flow = flow_of(container)
    if form in FORMS:
        click.echo(FORMS[form](flow), nl=False)
    else:
        Console(highlight=False).print(tree(flow))


def find_container(name: str | None) -> Container:
    """The host's, ``module:name``, where a function of no argument is called for it; else one in memory."""
    if name is None:
        return Container.in_memory()
    look_here_too()
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise click.BadParameter(f"{name}: {describe(error)}", param_hint="--container") from error
    container = found() if callable(found) and not isinstance(found, AnyContainer) else found
    if not isinstance(container, AnyContainer) or "signals" not in container.providers:
        raise click.BadParameter(f"{name} is no container", param_hint="--container")
    return cast(Container, container)  # an instance of Container is a DynamicContainer by type


def tree(flow: Flow) -> Tree:
    """What each request and each task sets off; a signal's receivers stand where it is first met."""
    root = Tree(Text(f"The flow, for {', '.join(flow.goal_classes)}", style="bold"))
    told: set[str] = set()
    for unit in flow.requests:
        branch = root.add(Text.assemble((unit.route or "", "bold"), f"  {unit.name}"))
        _add(branch, flow, unit.does, told)
    for unit in flow.tasks:
        _add(root.add(Text.assemble("task ", (unit.name, "cyan"))), flow, unit.does, told)
    for signal in flow.signals:
        if signal.sender not in told:
            _add(root.add("sent elsewhere"), flow, Doing(signals=(signal.sender,)), told)
    return root


def _add(branch: Tree, flow: Flow, does: Doing, told: set[str]) -> None:
    for task in does.tasks:
        branch.add(Text.assemble("triggers ", (task, "cyan")))
    for told_of in _notifications(does):
        branch.add(told_of)
    for sender in does.signals:
        signal = next(signal for signal in flow.signals if signal.sender == sender)
        known = sender in told
        told.add(sender)
        line = branch.add(
            Text.assemble(
                "sends ", (sender, "magenta"), f" (signal {signal.signal})", (", as above" if known else "", "dim")
            )
        )
        for number, receiver in () if known else enumerate(signal.receivers, 1):
            _add(line.add(_receiver(flow, number, receiver)), flow, receiver.does, told)


def _receiver(flow: Flow, number: int, receiver: Receiver) -> Text:
    serves = receiver.serves(flow.goal_classes)
    style = "dim" if receiver.returns else "yellow" if receiver.host else "green"
    return Text.assemble(f"{number}. ", (receiver.name, style), (f": {serves}" if serves else "", "dim"))


def _notifications(does: Doing) -> Iterator[Text]:
    for told in does.notifications:
        yield Text.assemble("tells browsers ", (told.event, "blue"), f" on {', '.join(told.channels)}")
