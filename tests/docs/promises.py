"""The tables of docs/conformance.md: what each suite needs, and the promises that it tests."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import getdoc
from typing import Any

from show_goal.testing import conformance
from show_goal.testing.conformance import Conformance

SUITES: list[type[Conformance[Any]]] = [
    value for name, value in vars(conformance).items() if name.endswith("Conformance") and value is not Conformance
]


def promises() -> Iterator[str]:
    for suite in SUITES:
        yield f"### {suite.__name__}"
        yield ""
        yield (getdoc(suite) or "").replace(":class:", "").replace("``", "`")
        yield ""
        yield "| promise | the adapter guarantees | optional |"
        yield "| --- | --- | --- |"
        for promise in suite.promises():
            optional = f"`{promise.capability} = False`" if promise.capability else ""
            yield f"| `{promise.name}` | {promise.sentence.replace('``', '`')} | {optional} |"
        yield ""
