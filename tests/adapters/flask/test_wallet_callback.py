"""POST /notify/wallet/transaction: only a signed report is read (L1)."""

from __future__ import annotations

import hmac
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import GOAL, NOW, VIEWER

from .site import CALLBACK, KEY, OLD_KEY, SIGNATURE, Site, a_report_body, refusal, signature

REPORT = json.dumps(a_report_body()).encode()
SIGNED = signature(REPORT)
BAD_SIGNATURE = (401, "bad_signature")


def test_a_reports_money_counts(site: Site) -> None:
    assert site.report().status_code == 200
    (queued,) = site.world.task_queue.queued()
    assert queued.message.name == "increment_goal_progress"
    assert queued.message.arguments() == {
        "goal_id": GOAL,
        "amount": 1,
        "cost": 90,
        "breakdown_id": VIEWER,
        "insert_id": a_report_body()["id"],
    }


def test_unknown_fields_are_ignored(site: Site) -> None:
    assert site.report(a_report_body(currency="diamonds")).status_code == 200


def test_a_removed_key_is_refused() -> None:
    assert refusal(Site.of(wallet_keys=[KEY]).report(key=OLD_KEY)) == BAD_SIGNATURE


def test_every_report_is_refused_if_there_is_no_key() -> None:
    for body in (REPORT, b" " * 65_537):
        assert refusal(Site.of(wallet_keys=[]).report(body)) == BAD_SIGNATURE


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), (OLD_KEY, 200), ("another", 401)])
def test_either_key_is_good_and_both_are_compared_in_constant_time(
    site: Site, monkeypatch: pytest.MonkeyPatch, key: str, status: int
) -> None:
    compare_digest = hmac.compare_digest
    compared: list[object] = []

    def compare(expected: Any, given: Any) -> bool:
        compared.append(expected)
        return compare_digest(expected, given)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert site.report(REPORT, key=key).status_code == status
    assert compared == [signature(REPORT, each).removeprefix("sha256=") for each in (KEY, OLD_KEY)]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        SIGNED.removeprefix("sha256="),
        SIGNED.replace("sha256", "sha1"),
        SIGNED[:-1],
        f"{SIGNED}0",
        f"{SIGNED}, {SIGNED}",
        signature(REPORT + b" "),
        f"sha256={'0' * 64}",
        f"sha256={'g' * 64}",
        "sha256=\xb2" + "0" * 63,
        "\xff" * 71,
    ],
)
def test_a_malformed_or_wrong_signature_is_401(site: Site, header: str) -> None:
    assert refusal(site.report(REPORT, header=header)) == BAD_SIGNATURE
    (trace,) = site.world.traces
    assert (trace.name, trace.outcome, trace.reason) == ("wallet_transaction", "refused", "bad_signature")


def test_a_missing_signature_is_401(site: Site) -> None:
    assert refusal(site.client.post(CALLBACK, data=REPORT)) == BAD_SIGNATURE


def test_a_signature_may_be_in_capitals(site: Site) -> None:
    header = {SIGNATURE: f"sha256={SIGNED.removeprefix('sha256=').upper()}"}
    assert site.client.post(CALLBACK, data=REPORT, headers=header).status_code == 200


def test_at_most_64_kib_are_read(site: Site) -> None:
    assert site.report(REPORT.ljust(65_536)).status_code == 200
    assert site.report(REPORT.ljust(65_537)).get_json()["detail"] == "The body must have at most 65536 bytes."


@pytest.mark.parametrize(("header", "status", "most"), [("", 401, 0), (f"sha256={'0' * 64}", 413, 65_537)])
def test_an_endless_body_is_not_read_to_its_end(site: Site, header: str, status: int, most: int) -> None:
    stream = io.BytesIO(b" " * 1_000_000)
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "HTTP_X_WALLET_SIGNATURE": header}
    response = site.client.post(CALLBACK, input_stream=stream, environ_overrides=chunked)
    assert (response.status_code, stream.tell() <= most) == (status, True)


@pytest.mark.parametrize(("changes", "field"), [({"ts": int(NOW.timestamp()) - 86_401}, "ts"), ({"id": ""}, "id")])
def test_a_stale_or_misshapen_report_is_400_with_its_field(site: Site, changes: dict[str, Any], field: str) -> None:
    response = site.report(a_report_body(**changes))
    assert refusal(response) == (400, "invalid_transaction")
    assert set(response.get_json()["errors"]) == {field}


def test_a_hosts_receiver_that_fails_for_any_reason_is_503_so_that_the_wallet_repeats(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(sender: str, **payload: object) -> None:
        raise ValueError("the host's own")

    with site.world.container.namespace().signal("ext.wallet").connected_to(fail):
        response = site.report()
    assert refusal(response) == (503, "unavailable")
    assert "ValueError: the host's own" in caplog.text


FUZZED = Site()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(header=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0")))
def test_no_header_is_a_server_error(header: str) -> None:
    assert FUZZED.report(REPORT, header=header).status_code == 401
