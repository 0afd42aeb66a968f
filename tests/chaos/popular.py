"""A popular show: ten thousand viewers have paid for one goal, and the streamer answers (M2, D36, D43).

``python -m tests.chaos.popular`` lets two workers, with default limits, let everybody in and pay the streamer, refund
everybody of another goal, and settle a show that the streamer leaves early, under the rule for the time shown; then all
of it while a worker is killed every 5 s. Meanwhile viewers join another goal: the crowd must not keep them waiting. It
prints what that took, and fails if a bar is missed. ``--disk`` keeps MongoDB's data on the disk.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import sleep, time
from typing import Any
from uuid import uuid4

import click
from attrs import frozen
from bson import ObjectId
from pymongo import MongoClient

from show_goal.core.names import escrow_id, preview_channel, transaction_id, transfer_tag

from ..black_box.metered import GRACE, METERED, METERED_WEB
from ..black_box.platform import GUNICORN, ROOT, Platform, running_platform, wait_for_worker
from ..servers import MongoServer, PusherServer, RabbitServer, Servers, wait_until
from ..servers.process import Process
from .popular_figures import Figures

Document = dict[str, Any]

VIEWERS = 10_000
LET_IN_WITHIN = 30.0
"""Seconds from the agreement to the last pass."""
MOVED_WITHIN = 60.0
"""Seconds from when the money is due to the last hold."""
SETTLE_DELAY = 60
KILLED_EVERY = 5.0
JOINED_WITHIN = 8.0
"""Seconds from a viewer's request to their hold, at most, while the crowd is settled and no worker is killed."""
JOINS_EVERY = 0.5
MUCH_TOO_LATE = 4
"""After so many times the bar it waits no longer."""
PRICE, BALANCE = 90, 1_000
ODD = "auth0|1"
"""A viewer whose channel Pusher does not take."""
BATCH = 1_000
ONE_WORKER = (sys.executable, "-m", "show_goal.cli", "worker", "--concurrency", "1")


def perform(
    servers: Servers, viewers: int, *, agree: bool, kills: int, delay: int, patience: float, metered: bool = False
) -> Figures:
    """Make the crowd, let the streamer answer, and wait until everything is settled. Then audit.

    At most so many ``kills`` of a worker, one every ``KILLED_EVERY``. A ``metered`` show ends when everybody is let in.
    """
    with ExitStack() as stack:
        client = stack.enter_context(MongoClient[Document](servers.mongodb_uri, tz_aware=True))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database = client[f"popular_{uuid4().hex}"]
        stack.callback(client.drop_database, database.name)
        settings = {"SHOW_GOAL_SETTLE_DELAY": str(delay), "SHOW_GOAL_QUEUE": f"popular_{uuid4().hex[:8]}"}
        one_worker = (*ONE_WORKER, *METERED) if metered else ONE_WORKER
        commands = {"web_command": METERED_WEB if metered else GUNICORN, "worker_command": (*one_worker, "--beat")}
        platform = stack.enter_context(
            running_platform(servers, servers.rabbitmq_url, database, folder, settings=settings, **commands)
        )
        workers = [platform.worker, _start(one_worker, folder / "second.log", platform)]
        stack.callback(_kill, workers)
        wait_for_worker(workers[1])
        crowd = _crowd(platform, viewers)
        for viewer_id in crowd.heard:
            platform.listener.subscribe(preview_channel(platform.streamer_id, viewer_id), user_id=viewer_id)
        killed = stack.enter_context(_killing(workers, one_worker, platform, folder, kills))
        began = time()
        assert platform.answer(crowd.goal_id, agree=agree).status_code == 202
        if agree:
            assert platform.switch_preset("sd").status_code == 200
        let_in = _seconds_until(lambda: crowd.passes() == viewers, began, patience) if agree else None
        due = crowd.ended() + delay
        if metered:
            assert platform.switch_preset("preview").status_code == 200
            due = max(due, time() + GRACE)
        sleep(max(0.0, due - time()))
        with _joining(platform, 2 * PRICE - crowd.costs(agree=agree)) as joined:
            moved = _seconds_until(lambda: not crowd.holds_something(), due, patience)
        wait_until(lambda: (platform.goal(crowd.goal_id) or {})["settled"], patience, "the mark")
        return Figures(
            viewers=viewers,
            agreed=agree,
            metered=metered,
            kills=len(killed),
            let_in=let_in,
            moved=moved,
            joined=joined,
            problems=crowd.problems(agree=agree),
        )


@frozen(kw_only=True)
class Crowd:
    platform: Platform
    goal_id: str
    viewers: list[str]

    @property
    def heard(self) -> list[str]:
        """Those to whom we listen: the first, the last, and some between them. One of them comes after the odd one."""
        return [viewer for viewer in (*self.viewers[:: len(self.viewers) // 7], self.viewers[-1]) if viewer != ODD]

    def passes(self) -> int:
        return self.platform.database["passes"].count_documents({})

    def ended(self) -> float:
        """When the goal ended, in Unix time."""
        ended = wait_until(lambda: not (self.platform.goal(self.goal_id) or {})["active"], 60, "the end")
        assert ended
        return float((self.platform.goal(self.goal_id) or {})["exp"].timestamp())

    def holds_something(self) -> bool:
        return self.platform.database["accounts"].find_one({"holds.escrow_id": escrow_id(self.goal_id)}) is not None

    def costs(self, *, agree: bool) -> int:
        """What each of them pays: a coin for each second shown, or the whole price if nothing is recorded."""
        recorded = (self.platform.goal(self.goal_id) or {}).get("on_sd")
        if not (agree and recorded):
            return agree * PRICE
        seconds: float = (recorded[0]["until"] - recorded[0]["since"]).total_seconds()
        return min(PRICE, ceil(seconds))

    def problems(self, *, agree: bool) -> list[str]:
        """What was lost, or came twice."""
        platform, wallet, cost = self.platform, self.platform.wallet(), self.costs(agree=agree)
        ends = Counter(one["state"] for one in platform.database["transactions"].find({}, ["state"]))
        wanted = {"released" if agree else "refunded": len(self.viewers)}
        problems = [*wallet.audit(datetime.now(UTC)).problems]
        problems += [] if ends == wanted else [f"the holds ended as {dict(ends)}"]
        earned = wallet.balance(platform.streamer_id).available
        problems += [] if earned == cost * len(self.viewers) else [f"the streamer has {earned}"]
        left = BALANCE - cost
        wrong = {"_id": {"$ne": ObjectId(platform.streamer_id)}, "available": {"$ne": left}}
        problems += [
            f"{one['_id']} has {one['available']}" for one in platform.database["accounts"].find(wrong).limit(3)
        ]
        passes = platform.database["passes"].count_documents({"duration": cost}) if agree else 0  # a coin a second
        problems += [] if passes == agree * len(self.viewers) else [f"there are {passes} passes"]
        return problems + [f"{viewer} heard nothing" for viewer in self.heard if agree and not self._hears(viewer)]

    def _hears(self, viewer_id: str) -> bool:
        channel = preview_channel(self.platform.streamer_id, viewer_id)
        try:
            return bool(self.platform.listener.wait_for("stream.authorized", channel, 20))
        except TimeoutError:
            return False


def _crowd(platform: Platform, viewers: int) -> Crowd:
    """One viewer invites. The others' holds are put beside the first one's, and their payments count."""
    first = platform.add_viewer(BALANCE)
    goal_id: str = platform.invite(first, seconds=1_200).json()["goal_id"]
    wait_until(lambda: platform.counts(goal_id, first), 60, "the first viewer's payment")
    exp = (platform.goal(goal_id) or {})["exp"]
    others = [ODD, *(str(ObjectId()) for _ in range(viewers - 2))]
    for begin in range(0, len(others), BATCH):
        some = others[begin : begin + BATCH]
        platform.database["accounts"].insert_many([_account(platform, goal_id, viewer, exp) for viewer in some])
        platform.database["contributions"].insert_many([_contribution(goal_id, viewer) for viewer in some])
    platform.database["goals"].update_one({"_id": ObjectId(goal_id)}, {"$inc": {"progress": len(others)}})
    return Crowd(platform=platform, goal_id=goal_id, viewers=[first, *others])


def _account(platform: Platform, goal_id: str, viewer_id: str, exp: datetime) -> Document:
    hold = {
        "transaction_id": transaction_id(goal_id, viewer_id),
        "goal_id": goal_id,
        "escrow_id": escrow_id(goal_id),
        "from_user_id": viewer_id,
        "to_user_id": platform.streamer_id,
        "amount": PRICE,
        "duration": 90,
        "tags": [transfer_tag("swag", platform.session_id, goal_id)],
        "exp": exp,
        "state": "held",
        "order": ObjectId(),
        "placed_at": datetime.now(UTC),
    }
    return {
        "_id": viewer_id if viewer_id == ODD else ObjectId(viewer_id),
        "available": BALANCE - PRICE,
        "deposited": BALANCE,
        "held": PRICE,
        "holds": [hold],
        "receipts": [],
        "settled": 0,
        "next_exp": exp,
    }


def _contribution(goal_id: str, viewer_id: str) -> Document:
    key = {"goal": ObjectId(goal_id), "insert": transaction_id(goal_id, viewer_id)}
    return {"_id": key, "viewer": viewer_id, "amount": 1, "cost": PRICE, "counted": True}


def _start(command: tuple[str, ...], log: Path, platform: Platform) -> Process:
    return Process(command, log, env=platform.environment, cwd=ROOT)


def _kill(workers: list[Process]) -> None:
    for worker in workers:
        worker.kill()


@contextmanager
def _killing(
    workers: list[Process], command: tuple[str, ...], platform: Platform, folder: Path, most: int
) -> Iterator[list[int]]:
    """Kill the workers in turn, and start another one for each, until the block ends."""
    killed, stop = list[int](), Event()

    def kill() -> None:
        while len(killed) < most and not stop.wait(KILLED_EVERY):
            number = len(killed) % len(workers)
            workers[number].kill()
            killed.append(number)
            beat = () if number else ("--beat",)
            workers[number] = _start((*command, *beat), folder / f"worker{len(killed)}.log", platform)

    thread = Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()


@contextmanager
def _joining(platform: Platform, spare: int) -> Iterator[list[float]]:
    """Let a viewer join a goal of another session every ``JOINS_EVERY`` seconds. Yields how long their holds took.

    ``spare`` makes up what each then has: as much as one of the crowd at the end, so that one audit fits all.
    """
    waits, stop, other = list[float](), Event(), platform.with_another_session()

    def join() -> float:
        viewer_id, began = other.add_viewer(BALANCE - PRICE + spare), time()
        other.invite(viewer_id, seconds=1_200)
        wait_until(lambda: other.account(viewer_id).get("holds"), 120, "a hold")
        return time() - began

    def go_on() -> None:
        while not waits or not stop.is_set():
            waits.append(join())
            stop.wait(JOINS_EVERY)

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield waits
    finally:
        stop.set()
        thread.join()


def _seconds_until(done: Callable[[], object], since: float, patience: float) -> float:
    while not done():
        if time() > since + patience:
            return float("inf")
        sleep(0.2)
    return time() - since


@click.command(help=__doc__)
@click.option("--viewers", default=VIEWERS)
@click.option("--delay", default=SETTLE_DELAY, help="Seconds from the end to the settlement.")
@click.option("--disk", is_flag=True)
def main(viewers: int, delay: int, disk: bool) -> None:
    bars = LET_IN_WITHIN, MOVED_WITHIN, JOINED_WITHIN
    missed = list[str]()
    with MongoServer(in_memory=not disk) as mongod, RabbitServer() as rabbit, PusherServer() as pusher:
        servers = Servers(mongodb_uri=mongod.url, rabbitmq_url=rabbit.url, redis_url="", pusher_url=pusher.url)
        for kills in (0, sys.maxsize):
            for agree, metered in ((True, False), (False, False), (True, True)):
                patience = MOVED_WITHIN * MUCH_TOO_LATE
                figures = perform(
                    servers, viewers, agree=agree, kills=kills, delay=delay, patience=patience, metered=metered
                )
                click.echo("\n".join([str(figures), *figures.missed(*bars)]))
                missed += figures.missed(*bars)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
