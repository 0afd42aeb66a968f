"""A server that is down, deaf or gone in the middle: callers get an answer in time, without the password (D27)."""

from __future__ import annotations

import re
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from inspect import signature

import pytest
from attrs import evolve
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.uri_parser import parse_uri

from show_goal.adapters.mongo import (
    MongoChannelCache,
    MongoFeed,
    MongoGoals,
    MongoJournal,
    MongoPasses,
    MongoRtcSources,
    MongoSessions,
    MongoSettings,
    MongoTracker,
    MongoWallet,
    connect,
    create_indexes,
    missing_indexes,
    ping,
    server_facts,
)
from show_goal.adapters.mongo.errors import within
from show_goal.core.decision import Settlement
from show_goal.core.model import Claim, ViewerPass
from show_goal.core.money import Pledge
from show_goal.ports.errors import StoreUnavailable, WalletUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, a_goal, a_hold
from tests.servers import Servers, wait_until
from tests.servers.ports import free_port

from .documents import Document
from .proxy import Proxy, proxy_to

TIMEOUT_MS = 200
ARGUMENTS: dict[str, object] = {
    "session_id": SESSION,
    "claim": Claim(goal_id=GOAL, exp=EXP),
    "goal": a_goal(),
    "hold": a_hold(),
    "pledge": Pledge(amount=90, duration=90, exp=EXP),
    "settlement": Settlement.REFUNDED,
    "streamer_id": STREAMER,
    "viewer_id": VIEWER,
    "user_id": VIEWER,
    "viewer_ids": [VIEWER],
    "ends": {VIEWER: NOW},
    "viewers": {VIEWER: ViewerPass(nbf=NOW, duration=9)},
    **dict.fromkeys(("goal_id", "funding_goal", "trigger_exclusive_goal"), GOAL),
    **dict.fromkeys(("now", "before", "ended_before", "ended", "agreed", "at", "seen"), NOW),
    **dict.fromkeys(("was", "on_sd"), ()),
    **dict.fromkeys(("limit", "progress", "amount", "cost", "pages"), 1),
    "insert_ids": ["text"],
    "goal_ids": [GOAL],
    "transactions": ["text"],
    "alias": "text",
    "entry": {},
    "properties": {},
    **dict.fromkeys(("name", "other", "preset", "event", "occurrence", "channels"), "text"),
    **dict.fromkeys(("breakdown_id", "insert_id", "transaction_id", "escrow_id", "payment_id"), "text"),
}
"""By the names of the parameters of all ports."""
STORES = [
    MongoSessions,
    MongoGoals,
    MongoPasses,
    MongoFeed,
    MongoTracker,
    MongoChannelCache,
    MongoRtcSources,
    MongoJournal,
]
FUNCTIONS: list[Callable[..., object]] = [create_indexes, missing_indexes, ping, server_facts]


def calls(adapter: object) -> dict[str, Callable[[], object]]:
    """Every public method of the adapter, with arguments."""
    methods = {name: getattr(adapter, name) for name in dir(adapter) if not name.startswith("_")}
    return {
        f"{type(adapter).__name__}.{name}": partial(method, **arguments(method))
        for name, method in methods.items()
        if callable(method)
    }


def arguments(method: Callable[..., object]) -> dict[str, object]:
    parameters = signature(method).parameters.values()
    return {each.name: ARGUMENTS[each.name] for each in parameters if each.default is each.empty}


@pytest.fixture(params=["closed port", "deaf server"])
def dead_settings(request: pytest.FixtureRequest) -> Iterator[MongoSettings]:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = free_port() if request.param == "closed port" else deaf.getsockname()[1]
        yield MongoSettings(uri=f"mongodb://admin:sesame@127.0.0.1:{port}/", timeout_ms=TIMEOUT_MS)


def outcome(call: Callable[[], object]) -> tuple[type[Exception] | None, str, bool]:
    """What the call raises, what that says, and whether it comes in time: after 0.2 s, and not pymongo's 30 s."""
    begin = time.monotonic()
    try:
        call()
    except Exception as error:
        return type(error), str(error), time.monotonic() - begin < 2
    return None, "", time.monotonic() - begin < 2


def test_every_call_to_a_server_that_does_not_answer_is_unavailable_in_time_D27(dead_settings: MongoSettings) -> None:
    """All at the same time: each waits for its own timeout."""
    database = connect(dead_settings)
    of_stores: dict[str, Callable[[], object]] = {
        function.__name__: partial(function, database, dead_settings) for function in FUNCTIONS
    }
    for kind in STORES:
        of_stores |= calls(kind(database, dead_settings))
    of_wallet = calls(MongoWallet(database, dead_settings))
    together = of_stores | of_wallet
    assert len(together) > 40
    with database.client, ThreadPoolExecutor(len(together)) as threads:
        outcomes = dict(zip(together, threads.map(outcome, together.values()), strict=True))

    for name, (error, said, in_time) in outcomes.items():
        assert error is (WalletUnavailable if name in of_wallet else StoreUnavailable), name
        assert re.match(r"MongoDB did not answer: .*127\.0\.0\.1", said), name
        assert in_time, name


def test_a_call_on_a_hosts_client_without_a_timeout_is_bounded_and_never_shows_the_password_D27(
    dead_settings: MongoSettings,
) -> None:
    with MongoClient[Document](dead_settings.uri) as client:
        begin = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            MongoGoals(client["any"], dead_settings).get(GOAL)
    assert time.monotonic() - begin < 2
    everything = "".join(traceback.format_exception(caught.value)) + repr(dead_settings) + str(dead_settings)
    assert "sesame" not in everything


@pytest.fixture
def proxy(mongo_client: MongoClient[Document]) -> Iterator[Proxy]:
    """In front of the primary."""
    mongo_client.admin.command("ping")
    assert mongo_client.address is not None
    host, port = mongo_client.address
    with proxy_to((host, port or 0)) as proxy:
        yield proxy


def test_a_hold_whose_reply_is_lost_is_repeated_and_charged_once_D15(
    wallet: MongoWallet, database: Database[Document], settings: MongoSettings, servers: Servers, proxy: Proxy
) -> None:
    parsed = parse_uri(servers.mongodb_uri)  # your own server may want a user and a password
    login = {name: parsed[name] for name in ("username", "password") if parsed[name]} | dict(parsed["options"])
    login = {name: value for name, value in login.items() if name.lower() != "replicaset"}
    wallet.credit(VIEWER, 100)
    with MongoClient[Document]("127.0.0.1", proxy.port, directConnection=True, **login) as client:
        client.admin.command("ping")
        proxy.swallow_replies()
        with pytest.raises(WalletUnavailable):
            MongoWallet(client[settings.database], evolve(settings, timeout_ms=TIMEOUT_MS)).hold(a_hold())
    assert wallet.hold(a_hold()) == a_hold()
    account = database["accounts"].find_one({"_id": ObjectId(VIEWER)})
    assert account is not None
    assert (account["available"], account["held"], len(account["holds"])) == (10, 90, 1)


def test_a_server_that_came_back_deaf_is_noticed_as_soon_as_it_hears_D27(proxy: Proxy) -> None:
    """By default the driver waits 20 s for the reply to its first hello, even if the server has recovered by then."""
    settings = MongoSettings(timeout_ms=TIMEOUT_MS, uri=f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true")
    database = connect(settings)
    with database.client:
        ping(database, evolve(settings, timeout_ms=10_000))
        proxy.refuse()
        with pytest.raises(StoreUnavailable):
            ping(database, settings)
        proxy.swallow_replies()
        proxy.listen()
        wait_until(lambda: not answers(database, settings) and proxy.swallowed, 10, "a hello that nobody answers")
        proxy.forward()
        wait_until(lambda: answers(database, settings), 5, "an answer")


def answers(database: Database[Document], settings: MongoSettings) -> bool:
    try:
        ping(database, settings)
    except StoreUnavailable:
        return False
    return True


RETRYABLE: list[Exception] = [
    *(kind("x") for kind in (AutoReconnect, NetworkTimeout, NotPrimaryError, ServerSelectionTimeoutError)),
    WaitQueueTimeoutError("x"),
    ExecutionTimeout("x", 50),
    WTimeoutError("x", 64),
    WriteConcernError("x", 11_602, {"errorLabels": ["RetryableWriteError"]}),
    OperationFailure("WriteConflict", 112, {"errorLabels": ["TransientTransactionError"]}),
    # What a router answers when a shard is down: a failed read carries no label.
    *(OperationFailure("x", code) for code in (6, 7, 89, 133, 134, 202, 262, 9_001)),
]
FINAL: list[Exception] = [
    OperationFailure("Authentication failed.", 18),
    DuplicateKeyError("x", 11_000),
    ConfigurationError("x"),
    BulkWriteError({"writeErrors": [], "writeConcernErrors": []}),
    KeyError("not MongoDB's"),
]


@pytest.mark.parametrize("error", RETRYABLE, ids=repr)
def test_an_error_that_a_retry_may_cure_is_unavailable(error: Exception) -> None:
    with pytest.raises(StoreUnavailable) as caught, within(MongoSettings()):
        raise error
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", FINAL, ids=repr)
def test_any_other_error_is_raised_unchanged(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, within(MongoSettings()):
        raise error
    assert caught.value is error
