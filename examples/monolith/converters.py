"""``objectid`` in the monolith's routes is an ObjectId, as mongoengine wants it."""

from __future__ import annotations

from bson import ObjectId
from werkzeug.routing import BaseConverter


class ObjectIdConverter(BaseConverter):
    regex = "[0-9a-f]{24}"

    def to_python(self, value: str) -> ObjectId:
        return ObjectId(value)
