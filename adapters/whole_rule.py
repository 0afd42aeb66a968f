"""For a wallet that releases no part of a hold: a metered settlement rule cannot be carried out (D40)."""

from __future__ import annotations

import logging

from ..core.rules.settlement import SettlementRule, whole_once_begun
from ..ports.wallet import Wallet, releases_parts

_log = logging.getLogger("show_goal.settlement")


def rule_for(rule: SettlementRule, wallet: Wallet) -> SettlementRule:
    """The host's rule, or the whole rule if the wallet cannot carry it out. A warning in the log says so."""
    if not rule.metered or releases_parts(wallet):
        return rule
    _log.warning(
        "%s releases no part of a hold (releases_parts), so settlements use the rule whole_once_begun, not %r",
        type(wallet).__name__,
        rule,
    )
    return whole_once_begun
