"""What a goal of many viewers costs: the promised figures with their bars, and Markdown tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from .figure import Figure, Results, table
from .side_by_side import ratios


def crowd_figures(results: Results) -> Iterator[Figure]:
    popular, creating = _joins(results, "transfer"), _joins(results, "create_goal")
    for name, measured, least in (("transfer", popular, 1.0), ("create_goal", creating, 0.9)):
        rates = measured["per_second"]
        yield Figure(
            f"`{name}`, to the hand-written task: rate", ratios(rates["ours"], rates["by_hand"]), least, False, " x"
        )
    cost = popular["cpu_ms"]
    yield Figure(
        "`transfer`, to the hand-written task: processor time", ratios(cost["ours"], cost["by_hand"]), 1.0, unit=" x"
    )
    grown = results["growth"]
    first, *_, last = grown["cpu_ms"]
    yield Figure(f"the {grown['at'][-1]:,}th join's processor time, to the 10th's", last / first, 1.2, unit=" x")
    few, many = min(grown["bytes_each"]), max(grown["bytes_each"])
    yield Figure("bytes stored for a join, the most to the fewest", many / few, 1.05, unit=" x")
    yield Figure("the largest document", grown["largest_document"] / 1_000, 64, unit=" kB")


def bars(results: Results) -> Iterator[str]:
    yield from table(crowd_figures(results))


def joined(results: Results) -> Iterator[str]:
    yield "| | goals | ours, a second | hand-written | ours, ms | hand-written | rate | processor time |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for one in results["joins"]:
        case, rates, costs = one["case"], one["per_second"], one["cpu_ms"]
        rate, cost = (ratios(values["ours"], values["by_hand"]) for values in (rates, costs))
        each = " | ".join(f"{median(rates[side]):.0f}" for side in ("ours", "by_hand"))
        ms = " | ".join(f"{median(costs[side]):.1f}" for side in ("ours", "by_hand"))
        yield f"| `{case['what']}` | {case['goals']} | {each} | {ms} | {rate:.2f} | {cost:.2f} |"


def grown(results: Results) -> Iterator[str]:
    growth = results["growth"]
    rows: Iterator[tuple[int, float, float]] = zip(growth["at"], growth["cpu_ms"], growth["bytes_each"], strict=True)
    yield "| joins before | ms of processor time each | bytes stored each |"
    yield "| ---: | ---: | ---: |"
    for at, cpu_ms, stored in rows:
        yield f"| {at:,} | {cpu_ms:.2f} | {stored:,.0f} |"


def _joins(results: Results, what: str) -> Mapping[str, Any]:
    """Of several, the one with the fewest goals."""
    measured: Sequence[Mapping[str, Any]] = results["joins"]
    return min((one for one in measured if one["case"]["what"] == what), key=lambda one: one["case"]["goals"])
