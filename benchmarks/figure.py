"""One measured figure, and how tables show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

Results = Mapping[str, Any]


@frozen
class Figure:
    """``at_most``: whether the bar is the most that is allowed, or the least."""

    name: str
    value: float
    bar: float
    at_most: bool = True
    unit: str = ""

    @property
    def met(self) -> bool:
        shown = round(self.value, 2)
        return shown <= self.bar if self.at_most else shown >= self.bar

    @property
    def row(self) -> tuple[str, str, str]:
        side = "at most" if self.at_most else "at least"
        return self.name, f"{_plain(self.value)}{self.unit}", f"{side} {_plain(self.bar)}"


def table(figures: Iterator[Figure]) -> Iterator[str]:
    yield "| | measured | bar | |"
    yield "| --- | ---: | ---: | --- |"
    for figure in figures:
        yield f"| {' | '.join(figure.row)} | {'met' if figure.met else '**missed**'} |"


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}"
