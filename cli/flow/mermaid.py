"""The flow as a Mermaid flowchart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from .model import Flow, Signal
from .rehearsal import Effects, Notified


def mermaid(flow: Flow) -> str:
    return "\n".join(_lines(flow)) + "\n"


def _lines(flow: Flow) -> Iterator[str]:
    yield "flowchart LR"
    for unit in flow.requests:
        yield f'    {_id("request", unit.name)}(["{_plain(unit.route or "")}<br/>{unit.name}"])'
    for unit in flow.tasks:
        yield f'    {_id("task", unit.name)}[["{unit.name}"]]'
    for signal in flow.signals:
        yield from _box(flow, signal)
    for event, channels in _channels(flow).items():
        yield f'    {_id("event", event)}>"{event}<br/>{"<br/>".join(map(_plain, channels))}"]'
    for unit in (*flow.requests, *flow.tasks):
        yield from _arrows(_id("request" if unit.route else "task", unit.name), unit.effects)
    for signal in flow.signals:
        for receiver in signal.receivers:
            yield from _arrows(_receiver_id(signal, receiver.name), receiver.effects)
    yield "    classDef returns stroke-dasharray: 4, opacity: 0.7"
    yield "    classDef host stroke-width: 3px"


def _box(flow: Flow, signal: Signal) -> Iterator[str]:
    """A signal with its receivers in their order. Those that do nothing share one node."""
    yield f'    subgraph {_id("signal", signal.sender)} ["{signal.sender}"]'
    yield "        direction LR"
    returning = []
    for number, receiver in enumerate(signal.receivers, 1):
        words = f"{number}. {_plain(receiver.name)}"
        if receiver.classes == ():
            returning.append(words)
            continue
        serves = receiver.serves(flow.goal_classes)
        label = f"{words}<br/>{serves}" if serves else words
        yield f'        {_receiver_id(signal, receiver.name)}["{label}"]{":::host" if receiver.host else ""}'
    if returning:
        yield f'        {_id("returning", signal.sender)}["{"<br/>".join(returning)}"]:::returns'
    if not signal.receivers:
        yield f'        {_id("nobody", signal.sender)}["no receiver here: for the host"]:::returns'
    yield "    end"


def _arrows(source: str, effects: Effects) -> Iterator[str]:
    yield from (f"    {source} -.-> {_id('task', name)}" for name in effects.tasks)
    yield from (f"    {source} --> {_id('signal', name)}" for name in effects.signals)
    yield from (f"    {source} --o {_id('event', event)}" for event in _events(effects.notifications))


def _channels(flow: Flow) -> Mapping[str, Iterable[str]]:
    """The channels of each event: an event may go to several at different times."""
    return {
        event: dict.fromkeys(channel for sent in flow.notifications if sent.event == event for channel in sent.channels)
        for event in _events(flow.notifications)
    }


def _events(notifications: Iterable[Notified]) -> Iterable[str]:
    return dict.fromkeys(sent.event for sent in notifications)


def _receiver_id(signal: Signal, name: str) -> str:
    return _id(f"{signal.sender}_", name)


def _id(kind: str, name: str) -> str:
    """Letters, digits and underscores. Mermaid would read a bare ``end`` as the end of a box."""
    return re.sub(r"\W+", "_", f"{kind}_{name}")


def _plain(text: str) -> str:
    """Escape what has a meaning in Mermaid, even inside quotation marks."""
    return "".join(f"#{ord(letter)};" if letter in '{}<>"' else letter for letter in text)
