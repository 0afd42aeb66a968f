"""docs/conformance.md lists the promises as the code has them."""

from __future__ import annotations

import re

from show_goal.testing.conformance.wallet_repeating import ONCE

from .blocks import python_blocks
from .generated import CONFORMANCE
from .promises import SUITES


def test_every_suite_is_listed() -> None:
    listed = [line.removeprefix("### ") for line in CONFORMANCE.read_text().splitlines() if line.startswith("### ")]
    assert [suite.__name__ for suite in SUITES] == [name for name in listed if name.endswith("Conformance")]


def test_the_wallet_that_is_shown_is_run_through_its_suite() -> None:
    code = "".join(block.code for block in python_blocks(CONFORMANCE))
    assert "class TestSqliteWallet(WalletConformance):" in code


def test_the_failure_that_is_shown_is_told_so() -> None:
    assert f"AssertionError: {ONCE}" in " ".join(CONFORMANCE.read_text().split())


def test_every_capability_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+) = False` \|", CONFORMANCE.read_text(), re.MULTILINE)
    named = {promise.capability for suite in SUITES for promise in suite.promises() if promise.capability}
    assert {*explained} == named
