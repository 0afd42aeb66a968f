"""The tables of docs/conformance.md: what each suite is given, and which promises it holds an adapter to."""

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
        given = (getdoc(suite) or "").replace(":class:", "").replace("``", "`")
        yield f"### {suite.__name__}"
        yield ""
        yield given
        yield ""
        yield "| promise | what an adapter is held to | may be declared as lacking |"
        yield "| --- | --- | --- |"
        for promise in suite.promises():
            lacking = f"`{promise.capability} = False`" if promise.capability else ""
            yield f"| `{promise.name}` | {promise.sentence.replace('``', '`')} | {lacking} |"
        yield ""
