from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC

import pytest
from attrs import evolve
from pymongo import MongoClient, ReadPreference
from pymongo.database import Database

from show_goal.adapters.mongo import MongoGoals, MongoSessions, MongoSettings, connect, ping
from show_goal.core.model import Claim
from tests.builders import EXP, GOAL, NOW, SESSION, a_goal, a_session
from tests.servers import Servers

from .documents import Document, session_document


@pytest.mark.parametrize("options", ["retryWrites=true", "w=0&readPreference=secondary&timeoutMS=60000"])
def test_the_client_is_set_up_for_money_and_the_uri_cannot_weaken_it(servers: Servers, options: str) -> None:
    separator = "&" if "?" in servers.mongodb_uri else "/?"
    database = connect(MongoSettings(uri=servers.mongodb_uri + separator + options, database="any", timeout_ms=700))
    with database.client as client:
        assert database.name == "any"
        assert client.options.timeout == 0.7
        assert client.options.server_selection_timeout == 0.7
        assert client.options.pool_options.connect_timeout == 0.7
        assert client.options.pool_options.appname == "show-goal"
        assert client.write_concern.document == {"w": "majority"}
        assert client.read_preference == ReadPreference.PRIMARY
        assert client.codec_options.tz_aware


def test_the_client_connects_at_its_first_command(servers: Servers, settings: MongoSettings) -> None:
    before = {*threading.enumerate()}  # the threads, not their number: another test's may end now
    database = connect(evolve(settings, uri=servers.mongodb_uri))
    assert {*threading.enumerate()} <= before, "a connected client has threads, which a fork does not copy"
    ping(database, settings)
    assert not {*threading.enumerate()} <= before
    database.client.close()


FORK = """
import os, sys
from show_goal.adapters.mongo import MongoSettings, connect
database = connect(MongoSettings(uri=sys.argv[1], database=sys.argv[2], timeout_ms=30_000))
children = []
for number in range(2):
    child = os.fork()
    if not child:
        database["forks"].insert_one({"_id": number})
        os._exit(0)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
database["forks"].insert_one({"_id": "parent"})
database.client.close()
sys.exit(max(codes))
"""


def test_a_client_made_before_a_fork_works_in_every_worker(servers: Servers, database: Database[Document]) -> None:
    command = [sys.executable, "-W", "error", "-c", FORK, servers.mongodb_uri, database.name]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, ""), "pymongo warns of a client that was opened before a fork"
    assert {document["_id"] for document in database["forks"].find()} == {0, 1, "parent"}


def test_promises_hold_on_a_hosts_client_that_is_set_up_for_less(
    servers: Servers, settings: MongoSettings, database: Database[Document]
) -> None:
    database["sessions"].insert_one(session_document(a_session()))
    with MongoClient[Document](servers.mongodb_uri, w=0, readPreference="secondary", tz_aware=False) as client:
        goals = MongoGoals(client[settings.database], settings)
        sessions = MongoSessions(client[settings.database], settings)
        goals.insert(a_goal())
        read = goals.get(GOAL)
        claim = sessions.claim(SESSION, Claim(goal_id=GOAL, exp=EXP), NOW)
    assert read == a_goal()
    assert read is not None
    assert read.exp is not None
    assert read.exp.tzinfo is UTC
    assert claim == Claim(goal_id=GOAL, exp=EXP)
