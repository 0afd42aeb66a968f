"""Words that the updates of documents have in common, as aggregation expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .collection import Document


def all_of(*conditions: Document) -> Document:
    return {"$and": list(conditions)}


def unset(path: str) -> Document:
    """Missing or null."""
    return {"$eq": [{"$ifNull": [path, None]}, None]}


def one_of(path: str, values: Sequence[Any]) -> Document:
    return {"$in": [path, {"$literal": list(values)}]}


def merged_if(condition: Document, path: str, changes: Document) -> Document:
    return {"$cond": [condition, {"$mergeObjects": [path, {"$literal": changes}]}, path]}


def each_in(path: str, name: str, element: Document) -> Document:
    """The array at ``path``, each of its elements made anew as ``$$name``; what is no array stays as it is."""
    made = {"$map": {"input": path, "as": name, "in": element}}
    return {"$cond": [{"$isArray": path}, made, path]}


def is_object(path: str) -> Document:
    return {"$eq": [{"$type": path}, "object"]}
