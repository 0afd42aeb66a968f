"""Where traces go by default: one JSON line each, to the logger ``show_goal.trace`` (D28)."""

from __future__ import annotations

import json
import logging
from datetime import datetime

from ..core.trace import Trace
from .log_ids import trace_ids

_log = logging.getLogger("show_goal.trace")


def log_trace(trace: Trace) -> None:
    """A refusal is ordinary business (INFO); a failure is for somebody to look at (WARNING).

    The record has ``unit``, ``outcome``, ``trace_id`` (OpenTelemetry's, or None) and the ids of :mod:`.log_ids`.
    """
    level = logging.WARNING if trace.outcome == "failed" else logging.INFO
    if not _log.isEnabledFor(level):
        return
    unit = {"unit": trace.name, "outcome": trace.outcome, "trace_id": trace.ids.get("trace_id")}
    line = json.dumps(trace.as_dict(), default=datetime.isoformat)
    _log.log(level, "%s", line, extra={**unit, **trace_ids(trace)})
