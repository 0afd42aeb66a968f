"""Every promise of a port is in its docstrings once, tests hold adapters to it, and some wrong adapter breaks it."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol

import pytest

from show_goal import ports
from show_goal.ports.wallet import Wallet
from show_goal.testing.conformance import Conformance, Promise, promises_of
from tests.docs.generated import SUITES

from .test_wrong_adapters import WRONG

KEPT = {(promise.port, promise.name): suite for suite in SUITES for promise in suite.promises()}
of_each_suite = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.__name__)


def _ports() -> Iterator[type]:
    for module in iter_modules(ports.__path__):
        found = vars(import_module(f"{ports.__name__}.{module.name}")).values()
        yield from (port for port in found if isinstance(port, type) and Protocol in port.__bases__)


def _written() -> Iterator[tuple[str, str]]:
    """Each promise in the docstrings of the ports: the port, and the promise's name."""
    for port in {*_ports()}:
        subjects: list[Callable[..., object]] = [
            port,
            *(value for value in vars(port).values() if inspect.isfunction(value)),
        ]
        for subject in subjects:
            yield from ((port.__name__, f"{subject.__name__}.{short}") for short in promises_of(subject))


def test_every_promise_in_a_docstring_has_a_test() -> None:
    assert {*_written()} == {*KEPT}


def test_every_method_of_a_port_promises_something() -> None:
    silent = [
        f"{port.__name__}.{name}"
        for port in _ports()
        for name, value in vars(port).items()
        if inspect.isfunction(value) and not name.startswith("_") and not promises_of(value)
    ]
    assert silent == []


def test_a_promise_has_its_sentence_from_the_docstring() -> None:
    free = Promise(Wallet.hold, "free")
    assert str(free) == "Wallet promises hold.free: A hold of 0 always succeeds, even without an account."


def test_a_promise_that_no_docstring_has_is_an_error() -> None:
    with pytest.raises(KeyError, match="costs_nothing"):
        Promise(Wallet.hold, "costs_nothing")


@of_each_suite
def test_every_test_of_a_suite_is_about_a_promise(suite: type[Conformance[Any]]) -> None:
    assert [name for name, promise in suite.contents() if promise is None] == []


@of_each_suite
def test_every_assertion_says_what_went_wrong(suite: type[Conformance[Any]]) -> None:
    for module in {base.__module__ for base in suite.__mro__ if issubclass(base, Conformance)}:
        nodes = ast.walk(ast.parse(inspect.getsource(sys.modules[module])))
        assert [node.lineno for node in nodes if isinstance(node, ast.Assert) and node.msg is None] == [], module


@of_each_suite
def test_a_promise_is_optional_in_all_its_tests_or_in_none(suite: type[Conformance[Any]]) -> None:
    names = [promise.name for promise in suite.promises()]
    assert len({*names}) == len(names)


@of_each_suite
def test_an_adapter_keeps_every_promise_unless_it_declares_otherwise(suite: type[Conformance[Any]]) -> None:
    capabilities = {promise.capability for promise in suite.promises() if promise.capability}
    assert [capability for capability in capabilities if getattr(suite, capability) is not True] == []


def test_every_promise_is_broken_by_some_adapter() -> None:
    assert {(suite, name) for (_, name), suite in KEPT.items()} == {(wrong.suite, wrong.promise) for wrong in WRONG}
