"""The monolith's documents, in collections that are called as the company calls things."""

from __future__ import annotations

from typing import Any, ClassVar

import mongoengine
from mongoengine import fields
from werkzeug.security import check_password_hash, generate_password_hash

from examples.monolith import config


def connect() -> None:
    """At the first query, so that a server may fork before."""
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
    """A livestream, from its beginning to its end."""

    meta: ClassVar[dict[str, Any]] = {"collection": "livestream"}
    meta["strict"] = False  # + show_goal

    user = fields.ReferenceField(User, required=True)
    title = fields.StringField()
    active = fields.BooleanField(default=True)
    status = fields.EmbeddedDocumentField(Status, default=Status)
    pricing = fields.DictField(fields.IntField())


class Goal(Document):
    """What viewers bring about together: each kind is a class of its own."""

    meta: ClassVar[dict[str, Any]] = {"collection": "goal", "allow_inheritance": True, "strict": False}

    active = fields.BooleanField(default=True)
    conditions = fields.DictField()
    progress = fields.IntField(default=0)


class KaraokeGoal(Goal):
    """A song, once enough have asked for it."""


class Score(Document):
    """What one goal, by its id, gave its streamer."""

    meta: ClassVar[dict[str, Any]] = {"collection": "score", "indexes": ["streamer"]}

    goal = fields.StringField(primary_key=True)
    kind = fields.StringField()
    streamer = fields.StringField()
    points = fields.IntField()
