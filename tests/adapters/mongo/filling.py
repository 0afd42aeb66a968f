"""A large collection, quickly."""

from __future__ import annotations

from pymongo.database import Database

from .documents import Document


def fill(database: Database[Document], collection: str, number: int, document: Document) -> None:
    """The server itself creates so many documents. In ``document``, ``$n`` is the number of each, and its ``_id``."""
    side = round(number**0.5)
    numbers = {"$map": {"input": {"$range": [0, side]}, "in": {"$add": ["$$this", {"$multiply": ["$row", side]}]}}}
    each: list[Document] = [{"$unwind": "$row"}, {"$project": {"_id": 0, "n": numbers}}, {"$unwind": "$n"}]
    database["seed"].insert_one({"row": [*range(side)]})
    database["seed"].aggregate([*each, {"$project": {"_id": "$n", **document}}, {"$out": collection}])
    database["seed"].drop()
