"""Writes the table in docs/reliability.md from the measurements: ``python -m tests.chaos.report``.

The table has the slowest of all runs since ``.cache/chaos.jsonl`` was removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from .measure import ANSWER_WITHIN, Row, measured

RELIABILITY = Path(__file__).parents[2] / "docs" / "reliability.md"
_PART = re.compile(r"^(<!-- measured -->\n)(.*?)^(<!-- end -->)$", re.DOTALL | re.MULTILINE)
_HEADER = (
    "test",
    "what breaks",
    "responses",
    "slowest response",
    "whole again after",
    "accepted",
    "lost",
    "double",
    "runs",
)


def table(rows: Sequence[Row]) -> Iterator[str]:
    yield f"| {' | '.join(_HEADER)} |"
    yield f"| {' | '.join('---' for _ in _HEADER)} |"
    for test, runs in groupby(sorted(rows, key=lambda row: row.test), key=lambda row: row.test):
        yield f"| {' | '.join(_cells(test, list(runs)))} |"


def _cells(test: str, runs: Sequence[Row]) -> Iterator[str]:
    yield f"`{test}`"
    yield runs[-1].fault
    yield ", ".join(sorted({status for row in runs for status in row.answers}))
    yield f"{max(row.answered for row in runs):.2f} s of {ANSWER_WITHIN:g}"
    yield f"{max(row.recovered for row in runs):.1f} s of {runs[-1].recovers_within:g}"
    yield str(sum(row.accepted for row in runs))
    yield str(sum(row.lost for row in runs))
    yield str(sum(row.double for row in runs))
    yield str(len(runs))


def written(text: str, rows: Sequence[Row]) -> str:
    """The document with a table of these rows."""
    return _PART.sub(lambda part: "\n".join([part[1], *table(rows), "", part[3]]), text)


if __name__ == "__main__":
    RELIABILITY.write_text(written(RELIABILITY.read_text(), measured()))
