"""A large collection, quickly."""

from __future__ import annotations

from pymongo.database import Database

from .documents import Document


def fill(database: Database[Document], collection: str, number: int, document: Document) -> None:
    """So many documents, made by the server itself; ``$n`` tells them apart."""
    side = round(number**0.5)
    rows: list[Document] = [{"$unwind": "$row"}, {"$project": {"_id": 0, "row": 1, "column": {"$range": [0, side]}}}]
    database["seed"].insert_one({"row": [*range(side)]})
    each = [*rows, {"$unwind": "$column"}, {"$set": {"n": {"$add": ["$column", {"$multiply": ["$row", side]}]}}}]
    database["seed"].aggregate([*each, {"$project": {"_id": "$n", **document}}, {"$out": collection}])
    database["seed"].drop()
