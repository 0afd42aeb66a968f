"""Releases to one streamer, beside as many to distinct ones: many at once, in turns, on one server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from time import perf_counter

from attrs import frozen
from bson import ObjectId
from pymongo.database import Database

from show_goal.adapters.mongo import MongoSettings, MongoWallet, create_indexes
from show_goal.core.money import Hold

from .platform import Document, new_database

AT_ONCE = (1, 16, 64)
EACH = 640
TURNS = 3


@frozen
class Released:
    """A second, with so many at once. ``ratio``: to one streamer, compared to distinct ones; median over the turns."""

    at_once: int
    to_one: float
    to_distinct: float
    ratio: float


def measure(mongodb_uri: str) -> list[Released]:
    with new_database(mongodb_uri) as database:
        settings = MongoSettings(database=database.name, timeout_ms=60_000)
        create_indexes(database, settings)
        wallet = MongoWallet(database, settings)
        return [_released(database, wallet, at_once) for at_once in AT_ONCE]


def _released(database: Database[Document], wallet: MongoWallet, at_once: int) -> Released:
    """The first turn, which opens the streamers' accounts and the connections, does not count."""
    streamers = [str(ObjectId()) for _ in range(EACH)]
    kinds = (streamers[:1] * EACH, streamers)
    rates: list[list[float]] = [
        [_per_second(_release_all(database, wallet, receivers), at_once) for receivers in kinds]
        for _ in range(TURNS + 1)
    ][1:]
    to_one, to_distinct = (median(turn) for turn in zip(*rates, strict=True))
    return Released(at_once, to_one, to_distinct, median(one / distinct for one, distinct in rates))


def _release_all(
    database: Database[Document], wallet: MongoWallet, receivers: Sequence[str]
) -> Sequence[Callable[[], Hold]]:
    """Holds of as many viewers, and the calls that release them."""
    payers = [ObjectId() for _ in receivers]
    opened = {"available": 10, "deposited": 10, "held": 0, "receipts": [], "settled": 0}
    database["accounts"].insert_many([{"_id": payer, **opened, "holds": []} for payer in payers])
    holds = [wallet.hold(_hold(str(payer), receiver)) for payer, receiver in zip(payers, receivers, strict=True)]
    return [partial(wallet.release, hold.transaction_id) for hold in holds]


def _hold(payer: str, receiver: str) -> Hold:
    goal_id = str(ObjectId())
    return Hold(
        transaction_id=f"session:trigger-private:{goal_id}:{payer}",
        goal_id=goal_id,
        escrow_id=f"trigger_private:{goal_id}",
        from_user_id=payer,
        to_user_id=receiver,
        amount=10,
        duration=60,
        tags=[],
        exp=None,
    )


def _per_second(calls: Sequence[Callable[[], Hold]], at_once: int) -> float:
    with ThreadPoolExecutor(at_once) as threads:
        began = perf_counter()
        done = [*threads.map(lambda call: call(), calls)]
        return len(done) / (perf_counter() - began)


def table(measured: Sequence[dict[str, float]]) -> Iterator[str]:
    yield "| releases at once | to one streamer, a second | to distinct ones | ratio |"
    yield "| ---: | ---: | ---: | ---: |"
    for one in measured:
        yield f"| {one['at_once']} | {one['to_one']:.0f} | {one['to_distinct']:.0f} | {one['ratio']:.2f} |"
