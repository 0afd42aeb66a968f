"""The flow as an SVG: requests and tasks on the left, signals in the middle, what browsers hear on the right.

Plain text in plain boxes, laid out by counting characters of a fixed-width font.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import accumulate

from attrs import frozen

from .model import Doing, Flow, Notified, Receiver, Signal, Unit

CHARACTER, LINE, PADDING, GAP = 7.25, 17, 9, 18
FONT = 12
BETWEEN_COLUMNS = 90
COLOURS = {"title": "#111", "text": "#333", "dim": "#999", "host": "#a0410d"}


@frozen
class Text:
    words: str
    style: str = "text"
    targets: tuple[str, ...] = ()
    """The keys of the cards that a line leads to from here."""


@frozen
class Card:
    key: str
    fill: str
    lines: Sequence[Text]

    @property
    def height(self) -> int:
        return len(self.lines) * LINE + 2 * PADDING

    @property
    def width(self) -> float:
        return max(len(line.words) for line in self.lines) * CHARACTER + 2 * PADDING


@frozen
class Column:
    x: float
    cards: Sequence[Card]

    @property
    def tops(self) -> Mapping[str, float]:
        """Where each card begins."""
        heights = accumulate((card.height + GAP for card in self.cards), initial=GAP)
        return {card.key: top for card, top in zip(self.cards, heights, strict=False)}

    @property
    def width(self) -> float:
        return max(card.width for card in self.cards)

    @property
    def height(self) -> float:
        return sum(card.height + GAP for card in self.cards) + GAP


def svg(flow: Flow) -> str:
    columns: list[Column] = []
    x = float(GAP)
    for cards in (
        [_unit(unit) for unit in flow.units],
        [_signal(flow, signal) for signal in flow.signals],
        [_event(told) for told in flow.notifications],
    ):
        columns.append(Column(x, cards))
        x += columns[-1].width + BETWEEN_COLUMNS
    width, height = x - BETWEEN_COLUMNS + GAP, max(column.height for column in columns)
    return "\n".join([*_opening(width, height), *_connectors(columns), *_cards(columns), "</svg>", ""])


def _unit(unit: Unit) -> Card:
    head = [Text(unit.route, "title"), Text(unit.name)] if unit.route else [Text(f"task {unit.name}", "title")]
    return Card(f"unit {unit.name}", "#e8f1ff" if unit.route else "#eaf7ea", [*head, *_doing(unit.does)])


def _signal(flow: Flow, signal: Signal) -> Card:
    lines = [Text(f"{signal.sender}  (signal {signal.signal})", "title")]
    for number, receiver in enumerate(signal.receivers, 1):
        lines += [_receiver(flow, number, receiver), *_doing(receiver.does)]
    if not signal.receivers:
        lines.append(Text("nobody here: for the host", "dim"))
    return Card(f"signal {signal.sender}", "#fff8e1", lines)


def _event(told: Notified) -> Card:
    return Card(f"event {told.event}", "#f3e8ff", [Text(f"event {told.event}", "title"), *map(Text, told.channels)])


def _receiver(flow: Flow, number: int, receiver: Receiver) -> Text:
    serves = receiver.serves(flow.goal_classes)
    style = "host" if receiver.host else "dim" if receiver.returns else "text"
    return Text(f"{number:2}. {receiver.name}{f': {serves}' if serves else ''}", style)


def _doing(does: Doing) -> Iterator[Text]:
    if does.tasks:
        yield Text(f"    triggers {', '.join(does.tasks)}")
    if does.signals:
        targets = tuple(f"signal {sender}" for sender in does.signals)
        yield Text(f"    sends {', '.join(does.signals)}", targets=targets)
    if does.notifications:
        events = [told.event for told in does.notifications]
        targets = tuple(f"event {event}" for event in events)
        yield Text(f"    tells browsers {', '.join(events)}", targets=targets)


def _opening(width: float, height: float) -> Iterator[str]:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} font-family="monospace" font-size="{FONT}">'
    yield "<title>The flow as it is registered: requests, tasks, signals with their receivers, events</title>"
    yield '<rect width="100%" height="100%" fill="#fff"/>'


def _connectors(columns: Sequence[Column]) -> Iterator[str]:
    """From a line that leads somewhere to the card that it leads to, from whichever side is nearer."""
    places = {card.key: (column, column.tops[card.key]) for column in columns[1:] for card in column.cards}
    for column in columns:
        for card in column.cards:
            for number, line in enumerate(card.lines):
                y = column.tops[card.key] + PADDING + (number + 0.5) * LINE
                for target in line.targets:
                    yield _connector(column, y, *places[target])


def _connector(column: Column, y: float, to: Column, top: float) -> str:
    start, y_end = column.x + column.width, top + PADDING + LINE / 2
    end = to.x if to is not column else start
    bend = BETWEEN_COLUMNS / 2
    curve = (
        f"M{start:.0f} {y:.0f} C{start + bend:.0f} {y:.0f} {end + (bend if to is column else -bend):.0f} {y_end:.0f}"
    )
    return f'<path d="{curve} {end:.0f} {y_end:.0f}" fill="none" stroke="#bbb"/>'


def _cards(columns: Sequence[Column]) -> Iterator[str]:
    for column in columns:
        for card in column.cards:
            top = column.tops[card.key]
            box = f'x="{column.x:.0f}" y="{top:.0f}" width="{column.width:.0f}" height="{card.height}"'
            yield f'<rect {box} rx="6" fill="{card.fill}" stroke="#999"/>'
            for number, line in enumerate(card.lines):
                y = top + PADDING + (number + 0.75) * LINE
                weight = ' font-weight="bold"' if line.style == "title" else ""
                where = f'x="{column.x + PADDING:.0f}" y="{y:.0f}" fill="{COLOURS[line.style]}"{weight}'
                yield f'<text {where} xml:space="preserve">{escape(line.words)}</text>'
