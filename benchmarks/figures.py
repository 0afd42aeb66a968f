"""The figures that are promised, from the results of a run, each with its bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from attrs import frozen

from .side_by_side import ratios

Results = Mapping[str, Any]


@frozen
class Figure:
    """``at_most`` says which side of ``bar`` is the right one."""

    name: str
    value: float
    bar: float
    at_most: bool = True
    unit: str = ""

    @property
    def met(self) -> bool:
        shown = round(self.value, 2)
        return shown <= self.bar if self.at_most else shown >= self.bar


def figures(results: Results) -> Iterator[Figure]:
    joining = compared(results, what="joining", past_goals=0, threads=8)
    old = compared(results, what="joining", past_goals=5_000, threads=8)
    ours, old_ours = joining["per_second"]["ours"], old["per_second"]["ours"]
    yield Figure("joining, to the bare calls", ratios(ours, joining["per_second"]["bare"]), 1.0, False, " x")
    yield Figure(
        "joining, to the hand-written route", ratios(ours, joining["per_second"]["handwritten"]), 1.4, False, " x"
    )
    yield Figure("joining with 5,000 past goals, to joining with none", ratios(old_ours, ours), 0.9, False, " x")
    for what, most_commands, most_messages in (("joining", 2, 1), ("creating", 3, 2)):
        asked = results["commands"][what]
        yield Figure(f"{what}: store commands", len(asked["commands"]), most_commands)
        yield Figure(f"{what}: messages", len(asked["messages"]), most_messages)
    alone = results["use_case"]
    yield Figure("the use case alone", alone["use_case_us"], 50, unit=" µs")
    yield Figure("the use case, to the same inlined by hand", alone["ratio"], 1.5, unit=" x")
    imported = results["imports"][0]
    yield Figure("`import show_goal`, beyond the interpreter", imported["beyond_ms"], 60, unit=" ms")
    yield Figure("`import show_goal`: adapter libraries", len(imported["adapter_libraries"]), 0)
    yield Figure("`create_goal` to `goal.added` in a browser, p95", results["worker"]["p95_ms"], 100, unit=" ms")
    swept = results["sweep"]
    yield Figure(f"a sweep over {swept['many']:,} goals, to one over {swept['few']:,}", swept["ratio"], 1.2, unit=" x")


def compared(results: Results, *, broker: str = "RabbitMQ", **case: object) -> Mapping[str, Any]:
    """The comparison of that case."""
    for one in results["side_by_side"]:
        if one["broker"] == broker and all(one["case"][name] == value for name, value in case.items()):
            found: Mapping[str, Any] = one
            return found
    raise LookupError(f"no comparison of {case} on {broker}")


def middle(per_route: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {route: median(values) for route, values in per_route.items()}
