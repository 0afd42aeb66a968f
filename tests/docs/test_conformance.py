"""docs/conformance.md describes the kit."""

from __future__ import annotations

import re

from show_goal.ports.wallet import Wallet
from show_goal.testing.conformance import Promise

from .blocks import python_blocks
from .generated import CONFORMANCE
from .promises import SUITES


def test_every_suite_is_listed() -> None:
    listed = [line.removeprefix("### ") for line in CONFORMANCE.read_text().splitlines() if line.startswith("### ")]
    assert [suite.__name__ for suite in SUITES] == [name for name in listed if name.endswith("Conformance")]


def test_the_example_wallet_is_run_through_its_suite() -> None:
    code = "".join(block.code for block in python_blocks(CONFORMANCE))
    assert "class TestSqliteWallet(WalletConformance):" in code


def test_the_example_of_a_failure_is_what_the_kit_says() -> None:
    once = Promise(Wallet.hold, "once")
    assert f"AssertionError: {once}" in " ".join(CONFORMANCE.read_text().split())


def test_every_optional_promise_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+) = False` \|", CONFORMANCE.read_text(), re.MULTILINE)
    named = {promise.capability for suite in SUITES for promise in suite.promises() if promise.capability}
    assert {*explained} == named
