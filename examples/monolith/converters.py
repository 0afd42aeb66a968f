"""The converter ``objectid`` for the monolith's routes. It gives an ObjectId, as mongoengine expects."""

from __future__ import annotations

from bson import ObjectId
from werkzeug.routing import BaseConverter


class ObjectIdConverter(BaseConverter):
    regex = "[0-9a-f]{24}"

    def to_python(self, value: str) -> ObjectId:
        return ObjectId(value)
