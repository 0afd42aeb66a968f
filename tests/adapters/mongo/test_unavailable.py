"""A server that is down, deaf or gone in the middle: an answer in time, and the truth without the password (D27)."""

from __future__ import annotations

import socket
import time
import traceback
from collections.abc import Callable, Iterator

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
    PyMongoError,
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
    MongoRtcSources,
    MongoSessions,
    MongoSettings,
    MongoTracker,
    MongoViewers,
    MongoWallet,
    connect,
    create_indexes,
    ping,
)
from show_goal.adapters.mongo.errors import within
from show_goal.core.model import Claim, Settlement, ViewerPass
from show_goal.ports.errors import StoreUnavailable, Unavailable, WalletUnavailable
from tests.builders import EXP, GOAL, NOW, SESSION, STREAMER, VIEWER, a_goal, a_hold, a_session
from tests.servers import Servers, wait_until
from tests.servers.ports import free_port

from .documents import Document, session_document
from .proxy import Proxy, proxy_to

TIMEOUT_MS = 200
CLAIM = Claim(goal_id=GOAL, exp=EXP)

Call = Callable[[Database[Document], MongoSettings], object]
STORE: dict[str, Call] = {
    "fetch_active": lambda database, settings: MongoSessions(database, settings).fetch_active(SESSION),
    "claim": lambda database, settings: MongoSessions(database, settings).claim(SESSION, CLAIM, NOW),
    "bind": lambda database, settings: MongoSessions(database, settings).bind_trigger_private_goal(SESSION, CLAIM, NOW),
    "end session's": lambda database, settings: MongoSessions(database, settings).end_trigger_private_goal(
        SESSION, GOAL, ended=NOW, agreed=None
    ),
    "get goal": lambda database, settings: MongoGoals(database, settings).get(GOAL),
    "insert goal": lambda database, settings: MongoGoals(database, settings).insert(a_goal()),
    "end goal": lambda database, settings: MongoGoals(database, settings).end(GOAL, NOW),
    "increment": lambda database, settings: MongoGoals(database, settings).increment_progress(
        GOAL, amount=1, cost=1, breakdown_id=VIEWER, insert_id="a"
    ),
    "decide": lambda database, settings: MongoGoals(database, settings).decide(GOAL, Settlement.REFUNDED),
    "mark settled": lambda database, settings: MongoGoals(database, settings).mark_settled(GOAL),
    "overdue": lambda database, settings: MongoGoals(database, settings).overdue(NOW, 1),
    "unsettled": lambda database, settings: MongoGoals(database, settings).unsettled(NOW, 1),
    "unbound": lambda database, settings: MongoSessions(database, settings).unbound(NOW, 1),
    "admit": lambda database, settings: MongoSessions(database, settings).admit_viewers(
        SESSION, {VIEWER: ViewerPass(nbf=NOW, duration=1)}
    ),
    "bind neighbour": lambda database, settings: MongoSessions(database, settings).bind_karaoke_goal(
        SESSION, CLAIM, NOW
    ),
    "end neighbour": lambda database, settings: MongoSessions(database, settings).end_embedded_goal(
        SESSION, GOAL, ended=NOW
    ),
    "link": lambda database, settings: MongoGoals(database, settings).link(GOAL, "show_goal_id", GOAL),
    "stop snapshots": lambda database, settings: MongoRtcSources(database, settings).stop_snapshots(STREAMER, GOAL),
    "resume snapshots": lambda database, settings: MongoRtcSources(database, settings).resume_snapshots(STREAMER, GOAL),
    "stopped": lambda database, settings: MongoRtcSources(database, settings).stopped(STREAMER),
    "switch preset": lambda database, settings: MongoSessions(database, settings).switch_preset(STREAMER, "sd"),
    "get viewer": lambda database, settings: MongoViewers(database, settings).get(VIEWER),
    "publish": lambda database, settings: MongoFeed(database, settings).publish(STREAMER, GOAL, {}),
    "track": lambda database, settings: MongoTracker(database, settings).track("goal.created", GOAL, {}),
    "invalidate": lambda database, settings: MongoChannelCache(database, settings).invalidate(["channel"]),
    "create_indexes": create_indexes,
    "ping": ping,
}
WALLET: dict[str, Call] = {
    "statement": lambda database, settings: MongoWallet(database, settings).statement(VIEWER, None),
    "hold": lambda database, settings: MongoWallet(database, settings).hold(a_hold()),
    "free hold": lambda database, settings: MongoWallet(database, settings).hold(a_hold(amount=0)),
    "release": lambda database, settings: MongoWallet(database, settings).release("x"),
    "refund": lambda database, settings: MongoWallet(database, settings).refund("x"),
    "find": lambda database, settings: MongoWallet(database, settings).find("x"),
    "holds": lambda database, settings: MongoWallet(database, settings).holds_of("x"),
    "holds overdue": lambda database, settings: MongoWallet(database, settings).overdue(NOW, 1),
    "balance": lambda database, settings: MongoWallet(database, settings).balance(VIEWER),
    "history": lambda database, settings: MongoWallet(database, settings).history(VIEWER, 1),
    "audit": lambda database, settings: MongoWallet(database, settings).audit(NOW),
    "credit": lambda database, settings: MongoWallet(database, settings).credit(VIEWER, 1),
}
CALLS = [(call, StoreUnavailable) for call in STORE.values()] + [(call, WalletUnavailable) for call in WALLET.values()]


@pytest.fixture(params=["closed port", "deaf server"])
def settings(request: pytest.FixtureRequest) -> Iterator[MongoSettings]:
    if request.param == "closed port":
        yield settings_for(free_port())
        return
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        yield settings_for(deaf.getsockname()[1])


def settings_for(port: int) -> MongoSettings:
    return MongoSettings(uri=f"mongodb://admin:sesame@127.0.0.1:{port}/", timeout_ms=TIMEOUT_MS)


@pytest.fixture
def database(settings: MongoSettings) -> Iterator[Database[Document]]:
    database = connect(settings)
    yield database
    database.client.close()


@pytest.mark.parametrize(("call", "error"), CALLS, ids=[*STORE, *WALLET])
def test_a_server_that_does_not_answer_is_unavailable_in_time_d27(
    database: Database[Document], settings: MongoSettings, call: Call, error: type[Unavailable]
) -> None:
    begin = time.monotonic()
    with pytest.raises(error, match=r"^MongoDB did not answer: .*127\.0\.0\.1.*") as caught:
        call(database, settings)
    assert type(caught.value) is error
    assert time.monotonic() - begin < 2, "a call waits for the timeout, 0.2 s here, and not for pymongo's 30 s"


def test_a_client_of_the_hosts_without_any_timeout_is_bounded_as_well_d27(settings: MongoSettings) -> None:
    begin = time.monotonic()
    with MongoClient[Document](settings.uri) as client, pytest.raises(StoreUnavailable):
        MongoGoals(client["any"], settings).get(GOAL)
    assert time.monotonic() - begin < 2


def test_no_error_and_no_setting_shows_the_password(database: Database[Document], settings: MongoSettings) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        MongoGoals(database, settings).get(GOAL)
    everything = "".join(traceback.format_exception(caught.value)) + repr(settings) + str(settings)
    assert "sesame" not in everything


class TestAReplyThatIsLost:
    """The server does what it was asked, and nobody hears of it: the caller repeats, and nothing happens twice."""

    @pytest.fixture
    def settings(self, mongo_database: Database[Document]) -> MongoSettings:
        return MongoSettings(database=mongo_database.name, timeout_ms=TIMEOUT_MS)

    @pytest.fixture
    def proxy(self, mongo_client: MongoClient[Document]) -> Iterator[Proxy]:
        assert mongo_client.admin.command("ping")
        assert mongo_client.address is not None
        host, port = mongo_client.address
        assert port is not None
        with proxy_to((host, port)) as proxy:
            yield proxy

    @pytest.fixture
    def database(self, proxy: Proxy, settings: MongoSettings, servers: Servers) -> Iterator[Database[Document]]:
        """Through the proxy, connected."""
        parsed = parse_uri(servers.mongodb_uri)  # a server of the user's own may want a user and a password
        login = {name: parsed[name] for name in ("username", "password") if parsed[name]} | dict(parsed["options"])
        login = {name: value for name, value in login.items() if name.lower() != "replicaset"}
        with MongoClient[Document]("127.0.0.1", proxy.port, directConnection=True, **login) as client:
            client.admin.command("ping")
            yield client[settings.database]

    def test_of_a_hold_d15(
        self, database: Database[Document], mongo_database: Database[Document], settings: MongoSettings, proxy: Proxy
    ) -> None:
        slow = MongoSettings(timeout_ms=30_000)
        MongoWallet(mongo_database, slow).credit(VIEWER, 100)
        proxy.swallow_replies()
        with pytest.raises(WalletUnavailable):
            MongoWallet(database, settings).hold(a_hold())
        assert MongoWallet(mongo_database, slow).hold(a_hold()) == a_hold()
        account = mongo_database["accounts"].find_one({"_id": ObjectId(VIEWER)})
        assert account is not None
        assert (account["available"], account["held"], len(account["holds"])) == (10, 90, 1)

    def test_of_a_claim_d2(
        self, database: Database[Document], mongo_database: Database[Document], settings: MongoSettings, proxy: Proxy
    ) -> None:
        mongo_database["sessions"].insert_one(session_document(a_session()))
        proxy.swallow_replies()
        with pytest.raises(StoreUnavailable):
            MongoSessions(database, settings).claim(SESSION, CLAIM, NOW)
        later = Claim(goal_id="60a100000000000000000099", exp=EXP)
        standing = MongoSessions(mongo_database, MongoSettings(timeout_ms=30_000)).claim(SESSION, later, NOW)
        assert standing in (CLAIM, later)


def test_a_server_that_came_back_deaf_is_noticed_as_soon_as_it_hears_d27(mongo_client: MongoClient[Document]) -> None:
    """By itself the driver waits 20 s for the reply to its first hello, though the server has been there long since."""
    assert mongo_client.admin.command("ping")
    assert mongo_client.address is not None
    host, port = mongo_client.address
    settings = MongoSettings(timeout_ms=TIMEOUT_MS)
    with proxy_to((host, port or 0)) as proxy:
        database = connect(evolve(settings, uri=f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true"))
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


@pytest.mark.parametrize(
    "passing",
    [
        AutoReconnect("x"),
        NetworkTimeout("x"),
        NotPrimaryError("x"),
        ServerSelectionTimeoutError("x"),
        WaitQueueTimeoutError("x"),
        ExecutionTimeout("x", 50),
        WTimeoutError("x", 64),
        WriteConcernError("x", 11_602, {"errorLabels": ["RetryableWriteError"]}),
        OperationFailure("WriteConflict", 112, {"errorLabels": ["TransientTransactionError"]}),
        # What mongos says of a shard that is away: of a read without any label.
        *(OperationFailure("x", code) for code in (6, 7, 89, 133, 134, 202, 262, 9_001)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_repeat_may_cure_is_unavailable(passing: PyMongoError) -> None:
    with pytest.raises(StoreUnavailable) as caught, within(MongoSettings()):
        raise passing
    assert caught.value.__cause__ is passing


@pytest.mark.parametrize(
    "lasting",
    [
        OperationFailure("Authentication failed.", 18),
        DuplicateKeyError("x", 11_000),
        ConfigurationError("x"),
        BulkWriteError({"writeErrors": [], "writeConcernErrors": []}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_no_repeat_cures_stays_the_drivers_error(lasting: PyMongoError) -> None:
    with pytest.raises(PyMongoError) as caught, within(MongoSettings()):
        raise lasting
    assert caught.value is lasting


def test_a_refusal_passes_through(settings: MongoSettings) -> None:
    refusal = KeyError("not MongoDB's")
    with pytest.raises(KeyError) as caught, within(settings):
        raise refusal
    assert caught.value is refusal
