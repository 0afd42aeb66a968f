"""Typed values from JSON, strictly: nothing is coerced.

cattrs alone makes an int of ``"1"`` and a str of anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args, get_origin

from cattrs import Converter


def strict_converter(*, unknown_keys: bool = False) -> Converter:
    """A converter for attrs classes. A field with a default may be left out."""
    converter = Converter(forbid_extra_keys=not unknown_keys)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    exact_dict, exact_list = _exactly(dict), _exactly(list)

    def mapping(value: Any, kind: Any) -> dict[str, Any]:
        """The keys are JSON's, so they are texts already."""
        of = get_args(kind)[1]
        return {key: converter.structure(item, of) for key, item in exact_dict(value, kind).items()}

    def sequence(value: Any, kind: Any) -> list[Any]:
        of = get_args(kind)[0]
        return [converter.structure(item, of) for item in exact_list(value, kind)]

    converter.register_structure_hook_func(is_generic(Mapping), mapping)
    converter.register_structure_hook_func(is_generic(Sequence), sequence)
    return converter


def is_generic(origin: object) -> Callable[[object], bool]:
    """Whether a type is ``origin`` of something, such as ``Sequence[str]``."""
    return lambda kind: get_origin(kind) is origin


def _exactly(kind: type) -> Callable[[Any, object], Any]:
    """Not an instance of a subclass: True is an int to Python, and not to JSON."""

    def structure(value: Any, _: object) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not of type {kind.__name__}")
        return value

    return structure
