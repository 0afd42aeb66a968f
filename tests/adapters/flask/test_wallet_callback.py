"""POST /notify/wallet/transaction: believed when it is signed, and only then looked into (L1)."""

from __future__ import annotations

import hmac
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from show_goal.adapters.flask import create_blueprint, create_wallet_callback
from show_goal.adapters.memory import MemoryClock, MemoryTaskQueue
from show_goal.core.messages import Message
from show_goal.ports.errors import TaskQueueUnavailable
from tests.builders import GOAL, NOW, SESSION, VIEWER
from tests.world import World

from .site import CALLBACK, KEY, OLD_KEY, Site, refusal
from .test_fuzz import JSON

TRANSACTION = f"session:trigger-private:{GOAL}:{VIEWER}"
DAY = 86_400
UNSIGNED = {"X-Wallet-Signature": ""}


def a_site(keys: Sequence[str] = (KEY, OLD_KEY), **ports: Any) -> Site:
    return Site(World.make(wallet_keys=keys, **ports))


@pytest.fixture
def site() -> Site:
    return a_site()


def a_report(**changes: Any) -> dict[str, Any]:
    values = {
        "id": TRANSACTION,
        "ts": int(NOW.timestamp()),
        "fromAccount": VIEWER,
        "fromAmount": 90,
        "toAccount": None,
        "toAmount": None,
        "tags": [f"swag::livestream.session:{SESSION}.trigger_private:{GOAL}"],
    }
    return {**values, **changes}


def test_a_signed_report_is_200_and_its_money_counts(site: Site) -> None:
    response = site.report(a_report())
    assert (response.status_code, response.json) == (200, {"id": TRANSACTION})
    assert response.headers["Cache-Control"] == "no-store"
    (queued,) = site.world.task_queue.queued()
    assert queued.message.name == "increment_goal_progress"
    assert queued.message.arguments() == {
        "goal_id": GOAL,
        "amount": 1,
        "cost": 90,
        "breakdown_id": VIEWER,
        "insert_id": TRANSACTION,
    }


def test_a_replay_counts_once(site: Site) -> None:
    goal_id = site.post().get_json()["goal_id"]
    site.world.run_due()
    tag = f"swag::livestream.session:{SESSION}.trigger_private:{goal_id}"
    for _ in range(3):
        assert site.report(a_report(tags=[tag])).status_code == 200
    before = site.world.wallet.accounts()
    site.world.run_due()
    assert site.world.goal(goal_id).progress == 2, "our own wallet's transaction, and this one"
    assert site.world.wallet.accounts() == before, "a report moves no money"


def test_unknown_fields_are_ignored_and_nobody_need_be_logged_in(site: Site) -> None:
    site.viewer = None
    assert site.report(a_report(currency="diamonds")).status_code == 200


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_either_key_is_good_while_they_are_rotated(site: Site, key: str) -> None:
    assert site.report(a_report(), key=key).status_code == 200


def test_a_key_that_was_taken_away_is_good_no_more() -> None:
    assert refusal(a_site([KEY]).report(a_report(), key=OLD_KEY)) == (401, "bad_signature")


def test_without_any_key_nobody_is_believed() -> None:
    for body in (a_report(), b" " * 65_537):
        assert refusal(a_site([]).report(body)) == (401, "bad_signature")


@pytest.mark.parametrize("key", [KEY, OLD_KEY, "somebody else's"])
def test_every_key_is_compared_in_constant_time_whichever_fits(
    site: Site, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    compare_digest = hmac.compare_digest
    compared: list[object] = []

    def compare(expected: Any, given: Any) -> bool:
        compared.append(expected)
        return compare_digest(expected, given)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    data = json.dumps(a_report()).encode()
    status = site.report(data, key=key).status_code
    assert compared == [hmac.new(k.encode(), data, "sha256").hexdigest() for k in (KEY, OLD_KEY)]
    assert status == (401 if key == "somebody else's" else 200)


def signature(data: bytes, key: str = KEY) -> str:
    return hmac.new(key.encode(), data, "sha256").hexdigest()


REPORT = json.dumps(a_report()).encode()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        signature(REPORT),
        f"sha1={signature(REPORT)}",
        f"sha256={signature(REPORT)[:-1]}",
        f"sha256={signature(REPORT)}0",
        f"sha256={signature(REPORT)}, sha256={signature(REPORT)}",
        f"sha256={signature(REPORT + b' ')}",
        f"sha256={'0' * 64}",
        f"sha256={'g' * 64}",
        "sha256=\xb2" + "0" * 63,
        "\xff" * 71,
    ],
)
def test_a_missing_malformed_or_wrong_signature_is_401(site: Site, header: str) -> None:
    response = site.client.post(CALLBACK, data=REPORT, environ_overrides={"HTTP_X_WALLET_SIGNATURE": header})
    assert refusal(response) == (401, "bad_signature")
    (trace,) = site.world.traces
    assert (trace.name, trace.outcome, trace.reason) == ("wallet_transaction", "refused", "bad_signature")


def test_no_signature_at_all_is_401(site: Site) -> None:
    assert refusal(site.client.post(CALLBACK, data=REPORT)) == (401, "bad_signature")


def test_a_signature_may_be_written_in_capitals(site: Site) -> None:
    header = f"sha256={signature(REPORT).upper()}"
    assert site.report(REPORT, **{"X-Wallet-Signature": header}).status_code == 200


def test_a_body_that_was_changed_is_401(site: Site) -> None:
    changed = json.dumps(a_report(fromAmount=91)).encode()
    header = f"sha256={signature(REPORT)}"
    assert refusal(site.report(changed, **{"X-Wallet-Signature": header})) == (401, "bad_signature")


def test_signature_size_and_form_are_asked_in_this_order(site: Site) -> None:
    large, wrong = b" " * 65_537, b"{"
    assert refusal(site.report(large, **UNSIGNED)) == (401, "bad_signature")
    assert refusal(site.report(large)) == (413, "body_too_large")
    assert refusal(site.report(wrong, key="somebody else's")) == (401, "bad_signature")
    assert refusal(site.report(wrong)) == (400, "malformed_json")


def test_sixty_four_kibibytes_are_read_and_the_limit_is_named(site: Site) -> None:
    assert site.report(REPORT.ljust(65_536)).status_code == 200
    assert site.report(REPORT.ljust(65_537)).get_json()["detail"] == "The body must have at most 65536 bytes."


@pytest.mark.parametrize(("header", "status", "most"), [("", 401, 0), (f"sha256={'0' * 64}", 413, 65_537)])
def test_an_endless_body_is_not_read_to_its_end(site: Site, header: str, status: int, most: int) -> None:
    stream = io.BytesIO(b" " * 1_000_000)
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "HTTP_X_WALLET_SIGNATURE": header}
    response = site.client.post(CALLBACK, input_stream=stream, environ_overrides=chunked)
    assert (response.status_code, stream.tell() <= most) == (status, True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"ts": int(NOW.timestamp()) - DAY - 1}, "ts"), ({"ts": int(NOW.timestamp()) + 301}, "ts"), ({"id": ""}, "id")],
)
def test_a_signed_report_that_is_stale_or_cannot_be_read_is_400_and_named(
    site: Site, changes: dict[str, Any], field: str
) -> None:
    response = site.report(a_report(**changes))
    assert refusal(response) == (400, "invalid_transaction")
    assert set(response.get_json()["errors"]) == {field}


def test_a_day_old_report_is_still_taken(site: Site) -> None:
    assert site.report(a_report(ts=int(NOW.timestamp()) - DAY)).status_code == 200


class DeadTaskQueue(MemoryTaskQueue):
    def trigger(self, message: Message, *, eta: datetime | None = None) -> None:
        raise TaskQueueUnavailable("amqp://show:hunter2@mq timed out")


def test_receivers_that_fail_are_503_so_that_the_wallet_repeats(caplog: pytest.LogCaptureFixture) -> None:
    response = a_site(task_queue=DeadTaskQueue(MemoryClock())).report(a_report())
    assert refusal(response) == (503, "unavailable")
    assert response.headers["Retry-After"] == "5"
    assert "TaskQueueUnavailable: amqp://***@mq timed out" in caplog.text
    assert "hunter2" not in caplog.text + response.text


def test_a_hosts_receiver_that_fails_for_any_reason_is_503_as_well(caplog: pytest.LogCaptureFixture) -> None:
    site = a_site()

    def fail(sender: str, **payload: object) -> None:
        raise ValueError("the host's own")

    with site.world.container.namespace().signal("ext.wallet").connected_to(fail):
        response = site.report(a_report())
    assert refusal(response) == (503, "unavailable")
    assert "ValueError: the host's own" in caplog.text


def test_a_host_has_the_callback_only_where_it_puts_it() -> None:
    world = World.make(wallet_keys=[KEY])
    app = Flask("host", static_folder=None)
    app.register_blueprint(create_blueprint(world.container), url_prefix="/api")
    assert app.test_client().post("/api" + CALLBACK).status_code == 404
    app = Flask("host", static_folder=None)
    app.register_blueprint(create_wallet_callback(world.container), url_prefix="/internal")
    assert refusal(app.test_client().post("/internal" + CALLBACK)) == (401, "bad_signature")


NEARLY_VALID = st.fixed_dictionaries({}, optional={name: st.just(value) | JSON for name, value in a_report().items()})


FUZZED = a_site()
PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENTLY
@given(body=st.binary(max_size=5_000) | JSON.map(lambda v: json.dumps(v).encode()) | NEARLY_VALID)
def test_no_body_however_signed_is_a_server_error_and_none_moves_money(body: bytes | dict[str, Any]) -> None:
    accounts = FUZZED.world.wallet.accounts()
    assert FUZZED.report(body).status_code in (200, 400)
    assert FUZZED.report(body, key="somebody else's").status_code == 401
    assert FUZZED.world.wallet.accounts() == accounts


@PATIENTLY
@given(header=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0")))
def test_no_header_is_a_server_error(header: str) -> None:
    response = FUZZED.client.post(CALLBACK, data=REPORT, environ_overrides={"HTTP_X_WALLET_SIGNATURE": header})
    assert response.status_code == 401
