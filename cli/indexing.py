"""Creating the MongoDB indexes."""

from __future__ import annotations

from typing import Any

import click
from pymongo.database import Database
from pymongo.errors import PyMongoError

from ..adapters.mongo import MongoSettings, create_indexes
from ..core.trace import describe


def create_all(database: Database[dict[str, Any]], settings: MongoSettings) -> None:
    """Create them, say so, and close the connection. Raises Unavailable; ClickException when documents conflict."""
    with database.client:
        try:
            create_indexes(database, settings)
        except PyMongoError as error:
            reason = describe(error)
            raise click.ClickException(f"The indexes of {database.name} could not be created: {reason}") from error
    click.echo(f"The indexes of {database.name} stand.")
