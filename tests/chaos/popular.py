"""A popular show: ten thousand viewers have paid for one goal, and the streamer answers (M2, D36, D43).

``python -m tests.chaos.popular`` lets two workers, with default limits, let everybody in and pay the streamer, refund
everybody of another goal, and settle a show that the streamer leaves early, under the rule for the time shown; then all
of it while a worker is killed every 5 s. Meanwhile viewers join another goal: the crowd must not keep them waiting. It
prints what that took, and fails if a bar is missed. ``--disk`` keeps MongoDB's data on the disk.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import sleep, time
from uuid import uuid4

import click
from pymongo import MongoClient

from show_goal.core.names import preview_channel

from ..black_box.metered import GRACE, METERED, METERED_WEB
from ..black_box.platform import GUNICORN, ROOT, Platform, running_platform, wait_for_worker
from ..servers import MongoServer, PusherServer, RabbitServer, Servers, wait_until
from ..servers.process import Process
from .popular_crowd import BALANCE, PRICE, Document, a_crowd
from .popular_figures import Figures

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
        crowd = a_crowd(platform, viewers)
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
