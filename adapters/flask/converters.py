"""The ``objectid`` of a route."""

from __future__ import annotations

from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter


class ObjectIdConverter(BaseConverter):
    """24 hex digits, as a string in lower case: the form in which ids are compared."""

    regex = "[0-9a-fA-F]{24}"

    def to_python(self, value: str) -> str:
        return value.lower()


def provide_objectid(state: BlueprintSetupState) -> None:
    """Give the app the converter, unless it has its own: the value of a host's may be an ``ObjectId``."""
    state.app.url_map.converters.setdefault("objectid", ObjectIdConverter)
