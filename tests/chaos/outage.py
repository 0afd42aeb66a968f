"""After an outage: many goals are overdue with their money, and viewers go on inviting (D43).

``python -m tests.chaos.outage`` lets one worker of two processes, with default settings, end and refund ten thousand
goals, while invitations come. It prints what that took, and fails if a bar is missed. ``--disk`` keeps MongoDB's data
on the disk.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from os import getloadavg
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import sleep, time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import click
from attrs import frozen
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, MongoWallet
from show_goal.core.names import escrow_id, transaction_id, transfer_tag

from ..black_box.platform import WORKER, running_platform
from ..servers import MongoServer, PusherServer, RabbitServer, Servers
from .load import Asked, Client, moments
from .overload import Site

Document = dict[str, Any]

GOALS = 10_000
WITHIN = 300.0
"""Seconds for ten thousand goals."""
RATE = 2.0
"""Invitations a second: a quiet hour."""
BATCH = 1_000
MUCH_TOO_LATE = 1.5
"""After so many times the bar it waits no longer."""
PRICE, BALANCE = 90, 1_000
AT_A_TIME = 5.0
"""For so many seconds invitations are planned, before it looks whether the backlog is gone."""


@frozen(kw_only=True)
class Figures:
    """``seconds`` until the last refund; of the invitations meanwhile, the seconds to the hold, the shortest first."""

    goals: int
    seconds: float
    asked: Sequence[Asked]
    to_hold: Sequence[float]
    late: int
    problems: Sequence[str]

    def missed(self, within: float) -> list[str]:
        bars = {
            f"not settled within {within:.0f} s": self.seconds <= within,
            "an invitation was refused": all(one.status == 202 for one in self.asked),
            "an accepted invitation was not held before its exp": self.late == 0,
            f"the audit finds {self.problems[:3]}": not self.problems,
        }
        return [bar for bar, kept in bars.items() if not kept]

    def __str__(self) -> str:
        to_hold = [self.to_hold[min(int(len(self.to_hold) * share), len(self.to_hold) - 1)] for share in (0.5, 0.99, 1)]
        p50, p99, slowest = (f"{seconds:.2f} s" for seconds in to_hold)
        return (
            f"{self.goals:,} overdue goals ended and refunded in {self.seconds:.0f} s, {self.goals / self.seconds:.0f} "
            f"a second; {len(self.asked)} invitations meanwhile, {self.late} not held in time, to the hold p50 {p50}, "
            f"p99 {p99}, slowest {slowest}; load average {getloadavg()[0]:.1f}"
        )


def recover(servers: Servers, goals: int, *, within: float) -> Figures:
    """Make a backlog, start the platform, and wait until the backlog is gone. Then stop the platform, and audit."""
    with ExitStack() as stack:
        client = stack.enter_context(MongoClient[Document](servers.mongodb_uri, tz_aware=True))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database = client[f"outage_{uuid4().hex}"]
        stack.callback(client.drop_database, database.name)
        exp = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
        payers = _backlog(database, goals, exp)
        worker = (*WORKER, "--beat")
        with running_platform(servers, servers.rabbitmq_url, database, folder, worker_command=worker) as platform:
            site = Site(database, urlsplit(platform.address).port or 0)
            began = time()
            with _inviting(site) as asked:
                while _waits(database, exp) and time() < began + within * MUCH_TOO_LATE:
                    sleep(0.5)
                seconds = time() - began
            held_at = _held_at(database, asked)
        wallet = MongoWallet(database, MongoSettings(timeout_ms=30_000))
        short = database["accounts"].find({"_id": {"$in": payers}, "available": {"$ne": BALANCE}}).limit(3)
        held = [(one, held_at.get(one.guest.viewer_id)) for one in asked if one.status == 202]
        return Figures(
            goals=goals,
            seconds=seconds,
            asked=asked,
            to_hold=sorted(at - one.due for one, at in held if at is not None),
            late=sum(at is None or at >= one.exp for one, at in held),
            problems=[*wallet.audit(datetime.now(UTC) - timedelta(minutes=5)).problems, *map(str, short)],
        )


@contextmanager
def _inviting(site: Site) -> Iterator[list[Asked]]:
    """Invitations come until the block ends."""
    asked, stop = list[Asked](), Event()

    def offer() -> None:
        while not stop.is_set():
            due = moments(RATE, AT_A_TIME)
            asked.extend(asyncio.run(Client(site.port).offer(site.guests(len(due)), due)))

    thread = Thread(target=offer)
    thread.start()
    try:
        yield asked
    finally:
        stop.set()
        thread.join()


def _waits(database: Database[Document], exp: datetime) -> bool:
    """Whether a goal of the backlog is not settled. Each question is one look into an index."""
    due = {"exp": {"$lte": exp}}
    questions = ({"active": True, **due}, {"active": False, "settled": False, **due})
    return any(database["goals"].find_one(question, ["_id"]) for question in questions)


def _held_at(database: Database[Document], asked: Sequence[Asked]) -> dict[str, float]:
    """When the money of each viewer was held, once all that were accepted are held or over.

    The store's clock is this machine's.
    """
    accepted = {one.guest.viewer_id: one.exp for one in asked if one.status == 202}
    while True:
        held = [*database["accounts"].find({"held": {"$gt": 0}}, ["holds"])]  # first: a hold leaves it for the other
        settled = database["transactions"].find({}, ["from_user_id", "placed_at"])
        placed = {one["from_user_id"]: one["placed_at"] for one in settled}
        placed |= {str(account["_id"]): account["holds"][0]["placed_at"] for account in held}
        waiting = [exp for viewer_id, exp in accepted.items() if viewer_id not in placed]
        if not waiting or time() > max(waiting):
            return {viewer_id: at.timestamp() for viewer_id, at in placed.items()}
        sleep(0.5)


def _backlog(database: Database[Document], goals: int, exp: datetime) -> list[ObjectId]:
    """Goals that nobody answered, whose time was over while nothing ran: bound, paid for by a viewer each."""
    payers = []
    for first in range(0, goals, BATCH):
        made = [_one(exp) for _ in range(min(BATCH, goals - first))]
        for collection in ("goals", "sessions", "accounts"):
            database[collection].insert_many([documents[collection] for documents in made])
        payers += [documents["accounts"]["_id"] for documents in made]
    return payers


def _one(exp: datetime) -> dict[str, Document]:
    goal, session, streamer, viewer = (ObjectId() for _ in range(4))
    payment = transaction_id(str(goal), str(viewer))
    hold = {
        "transaction_id": payment,
        "goal_id": str(goal),
        "escrow_id": escrow_id(str(goal)),
        "from_user_id": str(viewer),
        "to_user_id": str(streamer),
        "amount": PRICE,
        "duration": 90,
        "tags": [transfer_tag("swag", str(session), str(goal))],
        "exp": exp,
        "state": "held",
        "order": ObjectId(),
        "placed_at": exp,
    }
    return {
        "goals": {
            "_id": goal,
            "_cls": "TriggerPrivateGoal",
            "active": True,
            "conditions": {"session_id": str(session)},
            "levels": [],
            "nbf": None,
            "exp": exp,
            "context": {"type": "trigger-private"},
            "metadata": {
                "user_id": str(streamer),
                "triggered_by": str(viewer),
                "prepaid_duration": 90,
            },
            "progress": 1,
            "settlement": None,
            "settled": False,
        },
        "sessions": {
            "_id": session,
            "user": streamer,
            "active": True,
            "status": {"preset": "preview"},
            "pricing": {"sd": 60},
            "show_goal_pairs": [],
            "trigger_private_goals": [{"goal": goal}],
            "trigger_private_claim": {"goal_id": goal, "exp": exp, "bound": True},
        },
        "accounts": {
            "_id": viewer,
            "available": BALANCE - PRICE,
            "deposited": BALANCE,
            "held": PRICE,
            "holds": [hold],
            "receipts": [],
            "settled": 0,
            "next_exp": exp,
        },
    }


@click.command(help=__doc__)
@click.option("--goals", default=GOALS)
@click.option("--disk", is_flag=True)
def main(goals: int, disk: bool) -> None:
    within = WITHIN * goals / GOALS
    with MongoServer(in_memory=not disk) as mongod, RabbitServer() as rabbit, PusherServer() as pusher:
        servers = Servers(mongodb_uri=mongod.url, rabbitmq_url=rabbit.url, redis_url="", pusher_url=pusher.url)
        figures = recover(servers, goals, within=within)
    click.echo("\n".join([str(figures), *figures.missed(within)]))
    sys.exit(bool(figures.missed(within)))


if __name__ == "__main__":
    main()
