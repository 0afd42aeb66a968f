"""The flow as a Mermaid flowchart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .model import Doing, Flow, Notified, Receiver, Signal, Unit


def mermaid(flow: Flow) -> str:
    return "\n".join(_lines(flow)) + "\n"


def _lines(flow: Flow) -> Iterator[str]:
    yield "flowchart LR"
    yield from _nodes(flow)
    for unit in flow.units:
        yield from _edges(_unit_id(unit), unit.does)
    for signal in flow.signals:
        for receiver in signal.receivers:
            yield from _edges(_receiver_id(signal, receiver), receiver.does)
    yield "    classDef returns stroke-dasharray: 4, opacity: 0.7"
    yield "    classDef host stroke-width: 3px"


def _nodes(flow: Flow) -> Iterator[str]:
    for unit in flow.requests:
        yield f'    {_unit_id(unit)}(["{_plain(unit.route or "")}<br/>{unit.name}"])'
    for unit in flow.tasks:
        yield f'    {_unit_id(unit)}[["{unit.name}"]]'
    for signal in flow.signals:
        yield from _box(flow, signal)
    for told in flow.notifications:
        yield f'    {_event_id(told)}>"{told.event}<br/>{"<br/>".join(map(_plain, told.channels))}"]'


def _box(flow: Flow, signal: Signal) -> Iterator[str]:
    """Receivers in their order; those that return stand together."""
    yield f'    subgraph {_id("signal", signal.sender)} ["{signal.sender}"]'
    yield "        direction TB"
    acting = [(number, one) for number, one in enumerate(signal.receivers, 1) if not one.returns]
    for number, receiver in acting:
        words = f"{number}. {_plain(receiver.name)}{_for(flow, receiver)}"
        yield f'        {_receiver_id(signal, receiver)}["{words}"]{":::host" if receiver.host else ""}'
    returning = [f"{number}. {one.name}" for number, one in enumerate(signal.receivers, 1) if one.returns]
    if returning:
        yield f'        {_id("returning", signal.sender)}["{"<br/>".join(returning)}"]:::returns'
    if not signal.receivers:
        yield f'        {_id("nobody", signal.sender)}["nobody here: for the host"]:::returns'
    yield "    end"


def _for(flow: Flow, receiver: Receiver) -> str:
    return f"<br/>{classes}" if (classes := receiver.serves(flow.goal_classes)) else ""


def _edges(source: str, does: Doing) -> Iterator[str]:
    yield from _arrows(source, "-.->", [_id("task", name) for name in does.tasks])
    yield from _arrows(source, "-->", [_id("signal", name) for name in does.signals])
    yield from _arrows(source, "--o", [_event_id(told) for told in does.notifications])


def _arrows(source: str, arrow: str, targets: Sequence[str]) -> Iterator[str]:
    return (f"    {source} {arrow} {target}" for target in targets)


def _unit_id(unit: Unit) -> str:
    return _id("request" if unit.route else "task", unit.name)


def _event_id(told: Notified) -> str:
    return _id("event", told.event)


def _receiver_id(signal: Signal, receiver: Receiver) -> str:
    return _id(f"{signal.sender}_", receiver.name)


def _id(kind: str, name: str) -> str:
    """Letters, digits and underscores: a word such as ``end`` alone would end a Mermaid box."""
    return re.sub(r"\W+", "_", f"{kind}_{name}")


def _plain(text: str) -> str:
    """``{`` opens a shape in older Mermaid, even between quotation marks; a host's receiver may be ``<a partial>``."""
    return "".join(f"#{ord(letter)};" if letter in '{}<>"' else letter for letter in text)
