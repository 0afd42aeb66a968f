"""Adapters that each break a promise, and what the promise's tests say about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from threading import Condition, Lock, current_thread, main_thread
from typing import Any, TypeVar

from attrs import frozen

from show_goal.testing.conformance import Conformance
from show_goal.testing.conformance.races import CALLERS

A = TypeVar("A", bound=type)


@frozen
class Wrong:
    """``adapter`` breaks ``promise``, and one of the failures ``says`` how."""

    suite: type[Conformance[Any]]
    under_test: Callable[[], Any]
    promise: str
    says: str

    def __str__(self) -> str:
        return f"{self.suite.__name__} {self.promise}: {self.says}"

    def failures(self) -> list[str]:
        """Run the tests of the promise only. Each run gets a new adapter."""
        return [said for test, values in self._runs() if (said := self._failure(test, values)) is not None]

    def _runs(self) -> Iterator[tuple[Callable[..., None], dict[str, object]]]:
        for name, promise in self.suite.contents():
            if promise is not None and promise.name == self.promise:
                test = getattr(self.suite, name)
                yield from ((test, values) for values in _parametrized(test))

    def _failure(self, test: Callable[..., None], values: dict[str, object]) -> str | None:
        suite = self.suite()
        suite.take(self.under_test())
        try:
            test(suite, **values)
        except AssertionError as failure:
            return str(failure)
        return None


def _parametrized(test: Callable[..., None]) -> Iterator[dict[str, object]]:
    """The values of each run, as pytest makes them of the marks ``parametrize``."""
    marks = [mark.args for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    names = [name for name, _ in marks]
    for values in product(*(values for _, values in marks)):
        pairs = zip(names, values, strict=True)
        yield {
            k: v for n, value in pairs for k, v in ([(n, value)] if isinstance(n, str) else zip(n, value, strict=True))
        }


class WrongAdapters(list[Wrong]):
    """Wrong adapters of one port. ``right`` is the adapter that they change, ``under_test`` hands one to the suite."""

    def __init__(self, suite: type[Conformance[Any]], right: type, under_test: Callable[[Any], Any]) -> None:
        super().__init__()
        self._suite = suite
        self._right = right
        self._under_test = under_test

    def breaks(self, promise: str, says: str) -> Callable[[A], A]:
        """Enter the class that follows."""

        def enter(adapter: A) -> A:
            self.append(Wrong(self._suite, lambda: self._under_test(adapter()), promise, says))
            return adapter

        return enter

    def add(self, promise: str, says: str, **methods: Callable[..., Any]) -> None:
        """Enter the right adapter with other ``methods``: each is called with the right one, and its arguments."""
        self.breaks(promise, says)(
            type("Wrong", (self._right,), {name: _but(name, but) for name, but in methods.items()})
        )

    def raises(self, method: str, store: str, promise: str) -> None:
        """Enter an adapter that raises KeyError for an id that is not in its ``store``."""

        def call(right: Any, key: str, *args: object, **kwargs: object) -> Any:
            if key not in getattr(right.__self__, store):
                raise KeyError(key)
            return right(key, *args, **kwargs)

        self.add(promise, "KeyError(", **{method: call})

    def races(
        self, promise: str, says: str, method: str, store: str, still: Callable[[Any], object] = lambda record: True
    ) -> None:
        """Enter an adapter that reads the record, and puts it back after the others have written, if ``still``."""

        def call(right: Any, key: str, *args: object, **kwargs: object) -> Any:
            records = getattr(right.__self__, store)
            before = records.get(key)
            with gap(right.__self__):
                if before is not None and still(before):
                    records[key] = before
                return right(key, *args, **kwargs)

        self.add(promise, says, **{method: call})


def after(change: Callable[[Any], Any]) -> Callable[..., Any]:
    """A method that changes what the right one returns, unless that is None."""

    def call(right: Any, *args: object, **kwargs: object) -> Any:
        returned = right(*args, **kwargs)
        return returned if returned is None else change(returned)

    return call


def _but(name: str, but: Callable[..., Any]) -> Any:
    def method(self: Any, *args: object, **kwargs: object) -> Any:
        right = next(vars(base)[name] for base in type(self).__mro__[1:] if name in vars(base))
        return but(right.__get__(self), *args, **kwargs)

    return method


class Gap:
    """The time between a check and its act. Of those who race, nobody acts before all have checked.

    So all act on what they read before the race, however the threads are scheduled. ``with`` a gap they act one after
    the other. A caller who does not race, and so is the main thread, passes.
    """

    def __init__(self) -> None:
        self._callers = 0
        self._arrived = Condition()
        self._act = Lock()

    def wait(self) -> None:
        if current_thread() is main_thread():
            return
        with self._arrived:
            self._callers += 1
            self._arrived.notify_all()
            complete = -(-self._callers // CALLERS) * CALLERS
            arrived = self._arrived.wait_for(lambda: self._callers >= complete, timeout=10)
            assert arrived, f"{CALLERS} race, or a multiple of it, but {self._callers} came"

    def __enter__(self) -> None:
        self.wait()
        self._act.acquire()

    def __exit__(self, *error: object) -> None:
        self._act.release()


_MAKING = Lock()


def gap(adapter: Any) -> Gap:
    """The adapter's gap."""
    with _MAKING:
        if "gap" not in vars(adapter):
            adapter.gap = Gap()
        made: Gap = adapter.gap
        return made
