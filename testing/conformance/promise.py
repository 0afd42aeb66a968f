"""What a suite is made of: promises, each with a stable name and the port's own sentence, and tests that hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from inspect import getdoc
from typing import Generic, NoReturn, ParamSpec, TypeVar

import pytest
from attrs import frozen

T = TypeVar("T")
P = ParamSpec("P")


@frozen
class Promise:
    """One thing that a port's method promises. As a decorator: the test holds an adapter to it.

    ``sentence`` stands, word for word, in the docstring of the port's ``method``. ``capability`` is the name of
    the suite's class attribute with which an adapter declares that it lacks this.
    """

    method: Callable[..., object]
    short: str
    sentence: str
    capability: str | None = None

    @property
    def port(self) -> str:
        return self.method.__qualname__.partition(".")[0]

    @property
    def name(self) -> str:
        """Stable: what a failing test says, and what a report may be searched for."""
        return f"{self.method.__name__}.{self.short}"

    def __str__(self) -> str:
        return f"{self.port} promises {self.name}: {self.sentence}"

    def __call__(self, test: Callable[P, None]) -> Callable[P, None]:
        @wraps(test)
        def kept(*args: P.args, **kwargs: P.kwargs) -> None:
            __tracebackhide__ = True
            try:
                test(*args, **kwargs)
            except pytest.xfail.Exception:
                raise
            except (Exception, pytest.fail.Exception) as broken:  # the latter when an expected error is not raised
                self._broken(type(args[0]), broken)

        vars(kept)["promise"] = self
        return kept

    def _broken(self, suite: type, broken: BaseException) -> NoReturn:
        """Whatever went wrong: the failure says first which promise that breaks. A declared lack is an xfail."""
        __tracebackhide__ = True
        expected = isinstance(broken, AssertionError | pytest.fail.Exception)
        message = f"{self}\n{broken if expected else repr(broken)}"
        if self.capability is not None and not getattr(suite, self.capability):
            pytest.xfail(f"{self.capability} = False is declared. {message}")
        raise AssertionError(message).with_traceback(broken.__traceback__) from None


class Conformance(Generic[T]):
    """A port's contract as tests. Override the fixture ``under_test``: it gives T, afresh and empty for each test."""

    @pytest.fixture
    def under_test(self) -> T:
        raise NotImplementedError(f"{type(self).__name__} needs a fixture of its own. {getdoc(type(self))}")

    @classmethod
    def promises(cls) -> list[Promise]:
        """Every promise of the suite once, in the order of its tests."""
        return list(dict.fromkeys(promise for _, promise in cls.contents() if promise is not None))

    @classmethod
    def contents(cls) -> Iterator[tuple[str, Promise | None]]:
        """The suite's tests by name, each with its promise."""
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if name.startswith("test_"):
                    yield name, getattr(value, "promise", None)
