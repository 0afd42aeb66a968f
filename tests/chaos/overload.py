"""More invitations than the workers can do: what is accepted is held in time, the rest is refused (D27).

``python -m tests.chaos.overload`` measures what one worker of two processes can do, then offers 0.8, 1, 2.5 and 5 times
as much for a minute each. It prints a table, and fails if a bar is missed. ``--broker redis`` does it on Redis.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from os import getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep, time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import click
from attrs import define, frozen
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from ..black_box.platform import WORKER, running_platform
from ..servers import MongoServer, PusherServer, RabbitServer, RedisServer, Servers
from .load import Asked, Client, Guest, moments

Document = dict[str, Any]

LOADS = "0.8,1,2.5,5"
HELD = 0.995
"""The share of the accepted that is held before its exp, at least."""
GOODPUT = 0.9
"""What is held a second, at least, as a share of that at the capacity."""
ANSWERED_WITHIN = 1.0
NORMAL_WITHIN = 10.0
PATIENCE = 60.0
IN_TIME = 1.0
"""In normal times an accepted invitation is held within so many seconds."""
SETTLED_LATER = {"SHOW_GOAL_SETTLE_DELAY": "3600"}
"""Holds stay where they can be counted."""
HEADER = (
    "| load | offered | 202 | 503 | held in time | held a second | to the hold, p50 | p99 | slowest "
    "| response, p50 | p99 | normal again after |\n|" + " ---: |" * 12
)


@frozen(kw_only=True)
class Figures:
    """What came of one load. ``to_hold`` are the seconds from each accepted request to its hold, the shortest first."""

    load: float
    seconds: float
    asked: Sequence[Asked]
    held: int
    to_hold: Sequence[float]
    normal_after: float

    @property
    def accepted(self) -> int:
        return sum(one.status == 202 for one in self.asked)

    @property
    def held_a_second(self) -> float:
        return self.held / self.seconds

    @property
    def answered(self) -> Sequence[float]:
        return sorted(one.seconds for one in self.asked)

    def missed(self, usual: float) -> list[str]:
        """The bars that are missed. ``usual`` is how many are held a second at the capacity."""
        out_of_order = [one for one in self.asked if not one.in_order]
        bars = {
            f"out of order: {out_of_order[:3]}": not out_of_order,
            "accepted, and not held in time": self.held >= HELD * self.accepted,
            "too few held a second": self.load < 1 or self.held_a_second >= GOODPUT * usual,
            "responses too slow": _at(0.99, self.answered) < ANSWERED_WITHIN,
            "not normal again in time": self.normal_after <= NORMAL_WITHIN,
            "refused below the capacity": self.load >= 1 or self.accepted == len(self.asked),
        }
        return [bar for bar, kept in bars.items() if not kept]

    def row(self) -> str:
        cells = (
            f"{self.load:g} x",
            f"{len(self.asked) / self.seconds:.1f}/s",
            f"{self.accepted}",
            f"{len(self.asked) - self.accepted}",
            f"{self.held}",
            f"{self.held_a_second:.1f}",
            *(f"{_at(share, self.to_hold):.2f} s" for share in (0.5, 0.99, 1)),
            *(f"{_at(share, self.answered) * 1000:.0f} ms" for share in (0.5, 0.99)),
            f"{self.normal_after:.1f} s",
        )
        return f"| {' | '.join(cells)} |"


def _at(share: float, values: Sequence[float]) -> float:
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0.0


@define
class Site:
    """A platform, and its guests."""

    database: Database[Document]
    port: int

    def guests(self, number: int) -> list[Guest]:
        opened = {"available": 1_000, "deposited": 1_000, "held": 0, "holds": [], "receipts": [], "settled": 0}
        guests = [Guest(str(ObjectId()), str(ObjectId())) for _ in range(number)]
        self.database["accounts"].insert_many([{"_id": ObjectId(guest.viewer_id), **opened} for guest in guests])
        self.database["sessions"].insert_many([_session(guest.session_id) for guest in guests])
        return guests

    def capacity(self, seconds: float) -> float:
        """How many invitations a second are held if there is always something to do.

        Only the second half counts: the goals of the first half end in it, which is work too.
        """
        guests = self.guests(round(300 * seconds))
        began = time()
        created = self.database["goals"].estimated_document_count  # costs the store nothing
        asyncio.run(Client(self.port).keep_busy(iter(guests), seconds, created))
        half = began + seconds / 2
        return sum(half <= at < half + seconds / 2 for at in self._held_at().values()) / (seconds / 2)

    def bear(self, rate: float, seconds: float, load: float = 1.0) -> Figures:
        """Offer ``load`` times the ``rate`` for so many ``seconds``. Wait until what was accepted is held or over."""
        due = moments(rate * load, seconds)
        guests = self.guests(len(due))
        asked = asyncio.run(Client(self.port).offer(guests, due))
        normal_after = self._normal_after()
        accepted = [one for one in asked if one.status == 202]
        paying = {one.guest.viewer_id for one in accepted}
        while paying - (held_at := self._held_at()).keys() and time() < max(one.exp for one in accepted):
            sleep(0.5)
        held = [(one, held_at[one.guest.viewer_id]) for one in accepted if one.guest.viewer_id in held_at]
        return Figures(
            load=load,
            seconds=seconds,
            asked=asked,
            held=sum(at < one.exp for one, at in held),
            to_hold=sorted(at - one.due for one, at in held),
            normal_after=normal_after,
        )

    def _normal_after(self) -> float:
        """Seconds until an invitation is accepted and its money held ``IN_TIME``."""
        ended = time()
        while time() < ended + PATIENCE:
            guests = self.guests(1)
            (asked,) = asyncio.run(Client(self.port).offer(guests, [0.0]))
            while asked.status == 202 and time() < asked.due + IN_TIME:
                if self._held_at(guests):
                    return asked.due - ended
                sleep(0.02)
            sleep(0.1)
        return time() - ended

    def _held_at(self, guests: Sequence[Guest] = ()) -> Mapping[str, float]:
        """When money of these viewers, or of all, was held. The store's clock is this machine's."""
        chosen = {"_id": {"$in": [ObjectId(guest.viewer_id) for guest in guests]}} if guests else {}
        accounts = self.database["accounts"].find({**chosen, "held": {"$gt": 0}}, {"holds.placed_at": True})
        return {str(account["_id"]): account["holds"][0]["placed_at"].timestamp() for account in accounts}


def _session(session_id: str) -> Document:
    return {
        "_id": ObjectId(session_id),
        "user": ObjectId(),
        "active": True,
        "status": {"preset": "preview"},
        "pricing": {"sd": 60},
        "show_goal_pairs": [],
        "trigger_private_goals": [],
    }


@contextmanager
def new_site(servers: Servers, broker_url: str, settings: Mapping[str, str] = {}) -> Iterator[Site]:
    """One web process with threads, one worker with two processes; default settings, unless ``settings`` differ."""
    with ExitStack() as stack:
        client = stack.enter_context(MongoClient[Document](servers.mongodb_uri, tz_aware=True))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database = client[f"overload_{uuid4().hex}"]
        stack.callback(client.drop_database, database.name)
        worker = (*WORKER, "--beat")
        changes = {**SETTLED_LATER, **settings}
        running = running_platform(servers, broker_url, database, folder, worker_command=worker, settings=changes)
        yield Site(database, urlsplit(stack.enter_context(running).address).port or 0)


@contextmanager
def _servers() -> Iterator[Servers]:
    with MongoServer() as mongod, RabbitServer() as rabbit, RedisServer(appendonly=True) as redis, PusherServer() as p:
        yield Servers(mongodb_uri=mongod.url, rabbitmq_url=rabbit.url, redis_url=redis.url, pusher_url=p.url)


@click.command(help=__doc__)
@click.option("--broker", type=click.Choice(["rabbitmq", "redis"]), default="rabbitmq")
@click.option("--seconds", default=60.0, help="How long each load lasts.")
@click.option("--capacity", type=float, help="Invitations a second, instead of measuring it.")
@click.option("--loads", default=LOADS, help="Multiples of the capacity.")
def main(broker: str, seconds: float, capacity: float | None, loads: str) -> None:
    missed, usual = list[str](), 0.0
    with _servers() as servers:
        url = servers.redis_url if broker == "redis" else servers.rabbitmq_url
        if capacity is None:
            with new_site(servers, url) as site:
                capacity = site.capacity(seconds)
        click.echo(f"{broker}: one worker of two processes holds {capacity:.1f} invitations a second\n\n{HEADER}")
        for load in map(float, loads.split(",")):
            with new_site(servers, url) as site:
                figures = site.bear(capacity, seconds, load)
            usual = figures.held_a_second if load == 1 else usual
            click.echo(figures.row())
            missed += [f"{load:g} x: {bar}" for bar in figures.missed(usual)]
    click.echo("\n".join(["", f"load average {getloadavg()[0]:.1f}", *missed]))
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
