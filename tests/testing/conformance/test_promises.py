"""Every test of the kit holds an adapter to a promise; every promise is the port's own, and some adapter breaks it."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from show_goal import ports
from show_goal.testing.conformance import Conformance, Promise
from tests.docs.promises import SUITES

from .running import wrong_suites

PROMISES = [(suite, promise) for suite in SUITES for promise in suite.promises()]
of_each_suite = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.__name__)
of_each_promise = pytest.mark.parametrize(
    ("suite", "promise"), PROMISES, ids=[f"{promise.port}.{promise.name}" for _, promise in PROMISES]
)


def test_every_port_has_a_suite() -> None:
    suited = {promise.method.__module__.rpartition(".")[2] for _, promise in PROMISES}
    assert suited == {module.name for module in iter_modules(ports.__path__)} - {"errors"}


@of_each_suite
def test_every_test_of_a_suite_holds_to_a_promise(suite: type[Conformance[Any]]) -> None:
    assert [name for name, promise in suite.contents() if promise is None] == []


@of_each_suite
def test_no_part_of_a_suite_hides_a_test_of_another(suite: type[Conformance[Any]]) -> None:
    names = [name for name, _ in suite.contents()]
    assert len({*names}) == len(names)


@of_each_suite
def test_every_assertion_says_what_went_wrong(suite: type[Conformance[Any]]) -> None:
    for part in suite.__mro__:
        if issubclass(part, Conformance):
            nodes = ast.walk(ast.parse(inspect.getsource(sys.modules[part.__module__])))
            silent = [node.lineno for node in nodes if isinstance(node, ast.Assert) and node.msg is None]
            assert silent == [], part.__module__


@of_each_suite
def test_a_name_is_that_of_one_promise(suite: type[Conformance[Any]]) -> None:
    names = [promise.name for promise in suite.promises()]
    assert len({*names}) == len(names)


@of_each_promise
def test_a_promise_is_the_ports_own_sentence(suite: type[Conformance[Any]], promise: Promise) -> None:
    assert promise.sentence in " ".join((promise.method.__doc__ or "").split())


@of_each_promise
def test_nothing_is_lacking_until_it_is_declared(suite: type[Conformance[Any]], promise: Promise) -> None:
    assert promise.capability is None or getattr(suite, promise.capability) is True


def test_every_promise_is_broken_by_some_adapter() -> None:
    assert {(suite, promise.name) for suite, promise in PROMISES} == {*_broken()}


def _broken() -> Iterator[tuple[type[Conformance[Any]], str]]:
    """The promises that wrong adapters break, each with the suite that its module runs."""
    for path in wrong_suites():
        module = import_module(f"tests.testing.conformance.{path.stem}")
        (suite,) = [suite for suite in SUITES if suite in vars(module).values()]
        for wrong in module.WRONG:
            yield suite, wrong.promise
