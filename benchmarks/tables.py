"""Results as Markdown, in the parts of docs/performance.md that stand between ``<!-- measured: name -->`` and
``<!-- end -->``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping

from .figures import Results, compared, figures, middle
from .side_by_side import ratios

_PART = re.compile(r"^(<!-- measured: (\w+) -->\n)(.*?)^(<!-- end -->)$", re.DOTALL | re.MULTILINE)
_NAMES = {"processors": "processors", "load_before": "load before the run", "python": "Python"}


def machine(results: Results) -> Iterator[str]:
    yield from (f"- {_NAMES.get(name, name)}: {value}" for name, value in results["machine"].items())


def bars(results: Results) -> Iterator[str]:
    yield "| | measured | bar | |"
    yield "| --- | ---: | ---: | --- |"
    for figure in figures(results):
        side = "at most" if figure.at_most else "at least"
        met = "met" if figure.met else "**missed**"
        yield f"| {figure.name} | {_plain(figure.value)}{figure.unit} | {side} {_plain(figure.bar)} | {met} |"


def side_by_side(results: Results) -> Iterator[str]:
    yield "| | past goals | broker | threads | ours | bare calls | hand-written | to bare | to hand-written |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for one in results["side_by_side"]:
        case, rates = one["case"], one["per_second"]
        each = " | ".join(f"{value:.0f}" for value in middle(rates).values())
        to_bare, to_handwritten = (ratios(rates["ours"], rates[route]) for route in ("bare", "handwritten"))
        where = f"{case['what']} | {case['past_goals']:,} | {one['broker']} | {case['threads']}"
        yield f"| {where} | {each} | {to_bare:.2f} | {to_handwritten:.2f} |"


def cost(results: Results) -> Iterator[str]:
    yield "| | past goals | broker | ours | bare calls | hand-written | mongod: ours | bare calls | hand-written |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for one in results["side_by_side"]:
        case = one["case"]
        if case["threads"] == 8:
            costs = [*middle(one["cpu_ms"]).values(), *middle(one["store_ms"]).values()]
            each = " | ".join(f"{value:.2f}" for value in costs)
            yield f"| {case['what']} | {case['past_goals']:,} | {one['broker']} | {each} |"


def parts(results: Results) -> Iterator[str]:
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
    swept = results["sweep"]
    yield (
        f"| a sweep that ends 100 goals | {swept['few_ms']:.0f} ms over {swept['few']:,} stored goals, "
        f"{swept['many_ms']:.0f} ms over {swept['many']:,} |"
    )


def capacity(results: Results) -> Iterator[str]:
    joining, worked = compared(results, what="joining", past_goals=0, threads=8), results["worker"]
    web, store = (middle(joining[name])["ours"] / 1_000 for name in ("cpu_ms", "store_ms"))
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
    "machine": machine,
    "bars": bars,
    "side_by_side": side_by_side,
    "cost": cost,
    "parts": parts,
    "capacity": capacity,
}


def filled(text: str, results: Results) -> str:
    """The document with every part as the results have it."""
    return _PART.sub(lambda part: "\n".join([part[1], *PARTS[part[2]](results)]) + f"\n\n{part[4]}", text)


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}"
