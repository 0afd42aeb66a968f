"""The monolith's documents, in collections with the company's names."""

from __future__ import annotations

from typing import Any, ClassVar

import mongoengine
from mongoengine import fields
from werkzeug.security import check_password_hash, generate_password_hash

from examples.monolith import config


def connect() -> None:
    """Configure the connection. It opens at the first query, so a server may fork before."""
    mongoengine.connect(
        config.MONGODB["database"],
        host=config.MONGODB["uri"],
        connect=False,
        tz_aware=True,
        uuidRepresentation="standard",
    )


class Document(mongoengine.Document):  # type: ignore[misc]
    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    objects: ClassVar[Any]
    id: Any


class User(Document):
    meta: ClassVar[dict[str, Any]] = {"collection": "member"}

    name = fields.StringField(required=True, unique=True)
    password = fields.StringField(required=True)
    tags = fields.ListField(fields.StringField())

    @classmethod
    def register(cls, name: str, password: str) -> User:
        user = cls(name=name, password=generate_password_hash(password))
        user.save()
        return user

    def has_password(self, password: object) -> bool:
        return isinstance(password, str) and check_password_hash(str(self.password), password)


class Status(mongoengine.EmbeddedDocument):  # type: ignore[misc]
    preset = fields.StringField(default="preview")


class Session(Document):
    """A livestream."""

    meta: ClassVar[dict[str, Any]] = {"collection": "livestream"}
    meta["strict"] = False  # + show_goal

    user = fields.ReferenceField(User, required=True)
    title = fields.StringField()
    active = fields.BooleanField(default=True)
    status = fields.EmbeddedDocumentField(Status, default=Status)
    pricing = fields.DictField(fields.IntField())


class Goal(Document):
    """What viewers reach together. Each kind is a subclass."""

    meta: ClassVar[dict[str, Any]] = {"collection": "goal", "allow_inheritance": True, "strict": False}

    active = fields.BooleanField(default=True)
    conditions = fields.DictField()
    progress = fields.IntField(default=0)


class KaraokeGoal(Goal):
    """A song that is sung when enough viewers have asked for it."""


class Score(Document):
    """The points of one goal for its streamer. The key is the goal's id."""

    meta: ClassVar[dict[str, Any]] = {"collection": "score", "indexes": ["streamer"]}

    goal = fields.StringField(primary_key=True)
    kind = fields.StringField()
    streamer = fields.StringField()
    points = fields.IntField()
