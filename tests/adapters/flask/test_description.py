"""The description passes the rules that linters recommend, and says what decisions promise to clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from show_goal.adapters.flask import create_api_docs
from tests.servers.linters import ApiLinters, redocly, spectral
from tests.servers.server import ProgramMissing

from .described import described_operations, description


def test_the_description_names_its_licence_and_whom_to_ask() -> None:
    info = description()["info"]
    assert info["license"] == {"name": "MIT", "identifier": "MIT"}
    assert info["contact"]["name"]


Linter = Callable[[Path], list[str]]


@pytest.fixture(params=[redocly, spectral])
def linter(request: pytest.FixtureRequest) -> Linter:
    if ApiLinters.missing():
        raise ProgramMissing(ApiLinters)
    found: Linter = request.param
    return found


def written(folder: Path, text: dict[str, Any]) -> Path:
    file = folder / "openapi.json"
    file.write_text(json.dumps(text))
    return file


def test_a_linter_finds_nothing_wrong(linter: Linter, tmp_path: Path) -> None:
    assert linter(written(tmp_path, description())) == []


def test_a_linter_would_say_what_is_wrong(linter: Linter, tmp_path: Path) -> None:
    broken = deepcopy(description())
    del broken["paths"]["/goals/{goal_id}"]["get"]["operationId"]
    assert "operation-operationId" in str(linter(written(tmp_path, broken)))


@pytest.mark.parametrize("operation_id", described_operations())
def test_each_operation_has_a_tag_a_scheme_and_a_refusal(operation_id: str) -> None:
    """So the recommended rules of Redocly and Spectral pass."""
    operation, described = described_operations()[operation_id], description()
    assert {*operation["tags"]} < {tag["name"] for tag in described["tags"]}
    schemes = {name for alternative in operation["security"] for name in alternative}
    assert schemes <= described["components"]["securitySchemes"].keys()
    assert any(status.startswith("4") for status in operation["responses"])


def test_the_login_is_a_scheme_of_each_operation_that_wants_one() -> None:
    asks = {name: operation["security"] for name, operation in described_operations().items()}
    assert asks.pop("show_goal_wallet.wallet_transaction") == [{"walletSignature": []}]
    assert asks.pop("show_goal_probes.healthz") == asks.pop("show_goal_probes.readyz") == []
    assert [*asks.values()] == [[{"login": []}]] * 6


def test_a_host_says_how_its_users_log_in() -> None:
    def scheme(**options: Any) -> Any:
        app = Flask("host", static_folder=None)
        app.config["SESSION_COOKIE_NAME"] = "ours"
        app.register_blueprint(create_api_docs(**options))
        return app.test_client().get("/openapi.json").get_json()["components"]["securitySchemes"]["login"]

    assert scheme() == {"type": "apiKey", "in": "cookie", "name": "ours"}
    bearer = {"type": "http", "scheme": "bearer"}
    assert scheme(login=bearer) == bearer


# --- what a client is told of retries, prices and ends (D29, D30, D35) ---


def test_an_invitation_may_have_a_key_and_the_amount_that_was_shown_D29_D30() -> None:
    operation, schemas = described_operations()["show_goal.trigger_private"], description()["components"]["schemas"]
    (key,) = [parameter for parameter in operation["parameters"] if parameter["in"] == "header"]
    assert (key["name"], key["required"]) == ("Idempotency-Key", False)
    invitation = schemas["Invitation"]
    assert invitation["properties"].keys() - invitation["required"] == {"amount"}
    assert "amount" in schemas["problem.price_changed"]["required"]


def test_a_goal_says_why_it_was_settled_so_D35() -> None:
    schemas = description()["components"]["schemas"]
    assert schemas["GoalNow"]["properties"]["why"]["anyOf"][0] == {"$ref": "#/components/schemas/Seen"}
    assert {"show_began", "no_show", "not_paid", "session_over"} < {*schemas["Seen"]["properties"]["rule"]["enum"]}
