"""What ``import show_goal`` costs, and the container, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from time import perf_counter

from attrs import frozen

MODULES = ("show_goal", "show_goal.adapters.container")
ADAPTER_LIBRARIES = {"bson", "celery", "click", "flask", "kombu", "pusher", "pymongo", "requests", "rich", "werkzeug"}
TURNS = 15


@frozen
class Imported:
    """``beyond_ms``: what it takes longer than an interpreter that imports nothing, each at its best."""

    module: str
    beyond_ms: float
    modules: int
    adapter_libraries: Sequence[str]


def measure() -> list[Imported]:
    code = {module: f"import {module}" for module in MODULES} | {"": "pass"}
    seconds: dict[str, list[float]] = {module: [] for module in code}
    for _ in range(TURNS):
        for module, line in code.items():
            began = perf_counter()
            subprocess.run([sys.executable, "-c", line], check=True)
            seconds[module].append(perf_counter() - began)
    return [_imported(module, (min(seconds[module]) - min(seconds[""])) * 1_000) for module in MODULES]


def _imported(module: str, beyond_ms: float) -> Imported:
    line = f"import sys; before = set(sys.modules); import {module}; print(*sys.modules.keys() - before)"
    done = subprocess.run([sys.executable, "-c", line], check=True, capture_output=True, text=True)
    loaded = done.stdout.split()
    tops = {name.partition(".")[0] for name in loaded}
    return Imported(module, beyond_ms, len(loaded), tuple(sorted(tops & ADAPTER_LIBRARIES)))
