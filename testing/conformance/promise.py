"""What a suite is made of: the promises in a port's docstrings, and tests that hold an adapter to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from inspect import getdoc
from typing import Generic, NoReturn, ParamSpec, TypeVar

import pytest
from attrs import frozen

T = TypeVar("T")
P = ParamSpec("P")
_PROMISE = re.compile(r"^    - (\w+): (.+(?:\n      .+)*)", re.MULTILINE)


def promises_of(subject: Callable[..., object]) -> Mapping[str, str]:
    """The sentences of the section ``Promises:`` in the docstring of a port or of its method, by name."""
    section = (getdoc(subject) or "").partition("\nPromises:\n")[2]
    return {name: " ".join(sentence.split()) for name, sentence in _PROMISE.findall(section)}


@frozen
class Promise:
    """One promise of a port, or of its method. As a decorator, it says which promise a test is about.

    The port's docstring has the sentence; a name that it lacks is a KeyError. ``capability`` is the class attribute
    of the suite with which an adapter declares that it does not keep the promise.
    """

    method: Callable[..., object]
    short: str
    capability: str | None = None

    def __attrs_post_init__(self) -> None:
        assert self.sentence, f"{self.name} has no sentence"

    @property
    def sentence(self) -> str:
        return promises_of(self.method)[self.short]

    @property
    def port(self) -> str:
        return self.method.__qualname__.partition(".")[0]

    @property
    def name(self) -> str:
        """Stable: a failure begins with it, and you can search the docstrings and reports for it."""
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
            except (Exception, pytest.fail.Exception) as broken:  # the latter if an expected error is not raised
                self._broken(type(args[0]), broken)

        vars(kept)["promise"] = self
        return kept

    def _broken(self, suite: type, broken: BaseException) -> NoReturn:
        """Name the broken promise first. If the lack is declared, the failure is expected."""
        __tracebackhide__ = True
        expected = isinstance(broken, AssertionError | pytest.fail.Exception)
        message = f"{self}\n{broken if expected else repr(broken)}"
        if self.capability is not None and not getattr(suite, self.capability):
            pytest.xfail(f"{self.capability} = False is declared. {message}")
        raise AssertionError(message).with_traceback(broken.__traceback__) from None


class Conformance(Generic[T]):
    """A port's contract as tests. Override the fixture ``under_test``: it returns T, new and empty for each test."""

    @pytest.fixture
    def under_test(self) -> T:
        raise NotImplementedError(f"{type(self).__name__} needs its own fixture. {getdoc(type(self))}")

    @pytest.fixture(autouse=True)
    def _take(self, under_test: T) -> None:
        self.take(under_test)

    def take(self, under_test: T) -> None:
        """Keep the adapter, and what comes with it, as attributes for the tests."""
        raise NotImplementedError

    @classmethod
    def promises(cls) -> list[Promise]:
        """Every promise of the suite once, in the order of its tests."""
        return list(dict.fromkeys(kept for _, kept in cls.contents() if kept is not None))

    @classmethod
    def contents(cls) -> Iterator[tuple[str, Promise | None]]:
        """The suite's tests by name, each with its promise."""
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if name.startswith("test_"):
                    yield name, getattr(value, "promise", None)
