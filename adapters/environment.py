"""The ``SHOW_GOAL_*`` variables. Missing and invalid ones are all reported at once, by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from attrs import Attribute, fields

from ..core.errors import ShowGoalError
from ..core.settings import Settings
from ..core.validation import InvalidValue
from .swapping import key_problems

if TYPE_CHECKING:
    from .real_adapters import RealAdapters

PREFIX = "SHOW_GOAL_"
ALMOST = 0.85
"""How much of a name must be right for it to be a misspelt one: one letter or two are wrong."""
EXTRAS = {"mongo": "pymongo", "celery": "celery", "pusher": "pusher"}
_DASHBOARD = 'as Pusher\'s dashboard shows it under "App Keys"'
REQUIRED = {
    "MONGODB_URI": "MongoDB, as mongodb://host:27017/?replicaSet=rs0",
    "BROKER_URL": "RabbitMQ, as amqp://user:password@host:5672//, or Redis, as redis://host:6379/0",
    "PUSHER_APP_ID": _DASHBOARD,
    "PUSHER_KEY": _DASHBOARD,
    "PUSHER_SECRET": _DASHBOARD,
}
"""The variables that must be set, and to what."""
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_PARSERS: Mapping[Any, tuple[Callable[[str], object], str]] = {
    int: (int, "a whole number"),
    timedelta: (lambda text: timedelta(seconds=int(text)), "a whole number of seconds"),
    bool: (lambda text: _FLAGS[text.lower()], "true or false"),
}
T = TypeVar("T")


class ConfigurationError(ShowGoalError):
    """A container cannot be made. ``problems`` names each variable or port that is wrong, and what it must be."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Environment:
    """Reads variables and collects ``problems``. An empty variable counts as not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._asked: set[str] = set()
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        self._asked.add(name)
        value = self._environ.get(PREFIX + name) or default
        if not value and name in REQUIRED:
            self.problems.append(f"{PREFIX}{name} is not set: {REQUIRED[name]}")
        return value

    def values(self, kind: type, prefix: str = "", only: Collection[str] = ()) -> dict[str, Any]:
        """The fields of an attrs class that are set, each from the variable of its name, as the class accepts them."""
        asked = [field for field in fields(kind) if not only or field.name in only]
        found = {field.name: self._value(field, prefix + field.name.upper()) for field in asked}
        return {name: value for name, value in found.items() if value is not None}

    def made(self, kind: type[T], prefix: str) -> T | None:
        """An attrs class made of its variables. None if its fields do not go together."""
        try:
            return kind(**self.values(kind, prefix))
        except InvalidValue as error:
            name = f"{PREFIX}{prefix}{error.name.upper()}"
            self.problems.append(f"{name} is {error.given}: it must be {error.wanted}")
            return None

    def report_misspelt(self) -> None:
        """Once everything is read: what is almost a variable's name. Others may be the host's, or a newer version's."""
        given = [name.removeprefix(PREFIX) for name in self._environ if name.startswith(PREFIX)]
        for name in sorted({*given} - self._asked):
            for meant in get_close_matches(name.upper(), self._asked, 1, ALMOST):
                self.problems.append(f"{PREFIX}{name} is not a setting: {PREFIX}{meant} is meant")

    def _value(self, field: Attribute[Any], name: str) -> object:
        text = self.text(name).strip()
        if not text:
            return None
        of = next(iter(get_args(field.type)), field.type)  # of "int | None", the int
        parse, wanted = _PARSERS.get(of, (str, ""))
        try:
            value = parse(text)
            if field.validator is not None:
                field.validator(None, field, value)
        except InvalidValue as error:
            wanted = error.wanted
        except (ValueError, KeyError, OverflowError):
            pass
        else:
            return value
        given = f" is {text!r}: it" if field.repr else ""  # never repeat a secret
        self.problems.append(f"{PREFIX}{name}{given} must be {wanted}")
        return None


def adapters_from(environ: Mapping[str, str], problems: Sequence[str] = ()) -> RealAdapters:
    """The adapters for the servers that the environment names, connected to nothing yet.

    Raises ConfigurationError with the ``problems`` known so far, every variable that is missing or invalid, and every
    extra that is not installed.
    """
    missing = [
        f"{library} is not installed: pip install 'show-goal[{extra}]'"
        for extra, library in EXTRAS.items()
        if find_spec(library) is None
    ]
    if missing:
        raise ConfigurationError([*missing, *problems])
    return _real_adapters(Environment(environ), problems)


def _real_adapters(read: Environment, problems: Sequence[str]) -> RealAdapters:
    from .celery import CelerySettings
    from .celery.app import SCHEMES
    from .celery.settings import TASK_NAMES
    from .mongo import MongoSettings
    from .pusher import PusherSettings
    from .real_adapters import RealAdapters

    settings = Settings(**read.values(Settings))
    mongo_settings = read.made(MongoSettings, "MONGODB_")
    broker_url = read.text("BROKER_URL")
    if broker_url and broker_url.partition("://")[0] not in SCHEMES:
        read.problems.append(f"{PREFIX}BROKER_URL must begin with one of {', '.join(f'{s}://' for s in SCHEMES)}")
    celery = read.values(CelerySettings, only=("queue", "queue_type", "max_backlog", "sweep_interval"))
    names = {name: read.text(f"TASK_{name.upper()}", default) for name, default in TASK_NAMES.items()}
    if len(set(names.values())) < len(names):
        read.problems.append(f"{PREFIX}TASK_*: two tasks share a name")
    pusher = read.values(PusherSettings, "PUSHER_", ("app_id", "key", "secret", "cluster", "host", "port", "ssl"))
    keys = read.text("WALLET_KEYS")
    wallet_keys = tuple(key.strip() for key in keys.split(",")) if keys else ()
    read.problems += key_problems(f"{PREFIX}WALLET_KEYS", wallet_keys)
    read.report_misspelt()
    if read.problems or problems:
        raise ConfigurationError([*read.problems, *problems])
    return RealAdapters(
        settings=settings,
        mongo_settings=mongo_settings,
        celery_settings=CelerySettings(**celery, task_names=names),
        broker_url=broker_url,
        pusher_settings=PusherSettings(**pusher),
        wallet_keys=wallet_keys,
    )
