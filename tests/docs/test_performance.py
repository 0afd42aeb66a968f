"""docs/performance.md shows every bar, and says honestly whether it was met."""

from __future__ import annotations

import re

from .blocks import ROOT

PERFORMANCE = (ROOT / "docs" / "performance.md").read_text()
SCALE = (ROOT / "docs" / "scale.md").read_text()

BARS = {
    "joining, to the bare calls": "at least 1",
    "joining, to the hand-written route": "at least 1.40",
    "joining with 5,000 past goals, to joining with none": "at least 0.90",
    "joining: store commands": "at most 2",
    "joining: messages": "at most 1",
    "creating: store commands": "at most 3",
    "creating: messages": "at most 2",
    "the use case alone": "at most 50",
    "the use case, to the same inlined by hand": "at most 1.50",
    "`import show_goal`, beyond the interpreter": "at most 60",
    "`import show_goal`: adapter libraries": "at most 0",
    "`create_goal` to `goal.added` in a browser, p95": "at most 100",
    "a sweep over 1,000,000 goals, to one over 10,000": "at most 1.20",
    "releases to one streamer, 64 at once, to releases to distinct ones": "at least 0.80",
    "`transfer`, to the hand-written task: rate": "at least 1",
    "`create_goal`, to the hand-written task: rate": "at least 0.90",
    "`transfer`, to the hand-written task: processor time": "at most 1",
    "the 10,000th join's processor time, to the 10th's": "at most 1.20",
    "bytes stored for a join, the most to the fewest": "at most 1.05",
    "the largest document": "at most 64",
}
_ROW = re.compile(r"^\| (.+?) \| (-?[\d.]+)(?: \S+)? \| (at (most|least) ([\d.]+)) \| (.+?) \|$", re.MULTILINE)


def test_every_bar_is_shown_and_none_was_lowered() -> None:
    assert {name: bar for name, _, bar, *_ in _ROW.findall(PERFORMANCE)} == BARS


def test_a_missed_bar_is_called_missed() -> None:
    for name, value, _, side, bar, word in _ROW.findall(PERFORMANCE):
        met = float(value) <= float(bar) if side == "most" else float(value) >= float(bar)
        assert word == ("met" if met else "**missed**"), name


def test_the_bars_that_do_not_depend_on_the_machine_are_met() -> None:
    counted = {name: float(value) for name, value, *_ in _ROW.findall(PERFORMANCE)}
    assert [counted[f"joining: {what}"] for what in ("store commands", "messages")] == [2, 1]
    assert [counted[f"creating: {what}"] for what in ("store commands", "messages")] == [3, 2]
    assert counted["`import show_goal`: adapter libraries"] == 0


def test_every_table_is_filled_from_a_run() -> None:
    parts = re.findall(r"^<!-- measured: \w+ -->\n(.*?)^<!-- end -->$", PERFORMANCE + SCALE, re.DOTALL | re.MULTILINE)
    assert len(parts) == 10
    for part in parts:
        assert part.strip()
