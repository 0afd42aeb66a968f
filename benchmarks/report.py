"""What the results say: the promised figures with their bars, and Markdown tables for the documents."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from . import crowd_report, releases
from .figure import Figure, Results, table
from .side_by_side import ratios

_PART = re.compile(r"^(<!-- measured: (\w+) -->\n)(.*?)^(<!-- end -->)$", re.DOTALL | re.MULTILINE)


def figures(results: Results) -> Iterator[Figure]:
    joining, old = _joining(results), _joining(results, past_goals=5_000)
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

    crowd = results["releases"][-1]
    into_one = f"releases to one streamer, {crowd['at_once']} at once, to releases to distinct ones"
    yield Figure(into_one, crowd["ratio"], 0.8, False, " x")


def filled(text: str, results: Results) -> str:
    """The document with its parts between ``<!-- measured: name -->`` and ``<!-- end -->`` as the results have them.

    A part stays as it is if something that it shows was not measured.
    """

    def fill(part: re.Match[str]) -> str:
        try:
            lines = [*PARTS[part[2]](results)]
        except KeyError:
            return part[0]
        return "\n".join([part[1], *lines]) + f"\n\n{part[4]}"

    return _PART.sub(fill, text)


def _machine(results: Results) -> Iterator[str]:
    yield from (f"- {name}: {value}" for name, value in results["machine"].items())


def _bars(results: Results) -> Iterator[str]:
    yield from table(figures(results))


def _side_by_side(results: Results) -> Iterator[str]:
    yield "| | past goals | broker | threads | ours | bare calls | hand-written | to bare | to hand-written |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for one in results["side_by_side"]:
        case, rates = one["case"], one["per_second"]
        each = " | ".join(f"{value:.0f}" for value in _middle(rates).values())
        to_bare, to_handwritten = (ratios(rates["ours"], rates[route]) for route in ("bare", "handwritten"))
        where = f"{case['what']} | {case['past_goals']:,} | {one['broker']} | {case['threads']}"
        yield f"| {where} | {each} | {to_bare:.2f} | {to_handwritten:.2f} |"


def _cost(results: Results) -> Iterator[str]:
    yield "| | past goals | broker | ours | bare calls | hand-written | mongod: ours | bare calls | hand-written |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for one in results["side_by_side"]:
        case = one["case"]
        if case["threads"] == 8:
            costs = [*_middle(one["cpu_ms"]).values(), *_middle(one["store_ms"]).values()]
            each = " | ".join(f"{value:.2f}" for value in costs)
            yield f"| {case['what']} | {case['past_goals']:,} | {one['broker']} | {each} |"


def _parts(results: Results) -> Iterator[str]:
    yield "| | |"
    yield "| --- | --- |"
    alone = results["use_case"]
    yield (
        f"| the use case on adapters in memory | {alone['use_case_us']:.1f} µs, {alone['use_case_bytes']:,} bytes; "
        f"inlined by hand {alone['inlined_us']:.1f} µs, {alone['inlined_bytes']:,} bytes |"
    )
    for what, asked in results["commands"].items():
        yield f"| {what} | {', '.join(asked['commands'])}; {', '.join(asked['messages'])} |"
        yield f"| the {asked['tasks']} tasks that follow {what} | {asked['tasks_commands']} store commands |"
    for one in results["imports"]:
        beyond = f"{one['beyond_ms']:.0f} ms beyond the interpreter"
        yield f"| `import {one['module']}` | {beyond}, {one['modules']} modules |"
    worked = results["worker"]
    yield f"| `create_goal` to `goal.added` | median {worked['p50_ms']:.0f} ms, p95 {worked['p95_ms']:.0f} ms |"
    yield (
        f"| a worker of {worked['processes']} processes | "
        f"{worked['create_goal_per_second']:.0f} `create_goal` a second, "
        f"{worked['transfer_per_second']:.0f} `transfer` with `increment_goal_progress` |"
    )
    web = _middle(_joining(results)["cpu_ms"])["ours"]
    yield (
        f"| processor time of a whole join | {web:.1f} ms of the web process, "
        f"{worked['transfer_cpu_ms']:.1f} ms of the worker |"
    )
    swept = results["sweep"]
    yield (
        f"| a sweep that ends 100 goals | {swept['few_ms']:.0f} ms over {swept['few']:,} stored goals, "
        f"{swept['many_ms']:.0f} ms over {swept['many']:,} |"
    )


def _capacity(results: Results) -> Iterator[str]:
    joining, worked = _joining(results), results["worker"]
    web, store = (_middle(joining[name])["ours"] / 1_000 for name in ("cpu_ms", "store_ms"))
    asked = results["commands"]["joining"]
    in_request, in_tasks = len(asked["commands"]), asked["tasks_commands"]
    a_process = worked["transfer_per_second"] / worked["processes"]
    yield (
        "| joins a second | web processors | store commands a second | store processors "
        "| messages a second | worker processes |"
    )
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    for rate in (100, 1_000, 10_000, 100_000):
        commands = rate * (in_request + in_tasks)
        processors = commands * store / in_request
        counts = (rate * web, commands, processors, rate * asked["tasks"], rate / a_process)
        yield f"| {rate:,} | " + " | ".join(f"{math.ceil(count):,}" for count in counts) + " |"


PARTS: Mapping[str, Callable[[Results], Iterator[str]]] = {
    "machine": _machine,
    "bars": _bars,
    "side_by_side": _side_by_side,
    "cost": _cost,
    "crowd": crowd_report.bars,
    "joins": crowd_report.joined,
    "growth": crowd_report.grown,
    "parts": _parts,
    "capacity": _capacity,
    "releases": lambda results: releases.table(results["releases"]),
}


def _joining(results: Results, past_goals: int = 0) -> Mapping[str, Any]:
    """The comparison on RabbitMQ with 8 threads."""
    wanted = {"what": "joining", "past_goals": past_goals, "threads": 8}
    found: Mapping[str, Any] = next(
        one for one in results["side_by_side"] if one["broker"] == "RabbitMQ" and one["case"] == wanted
    )
    return found


def _middle(by_route: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {route: median(values) for route, values in by_route.items()}
