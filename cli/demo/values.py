"""Arguments as people read them: JSON, and times in UTC."""

from __future__ import annotations

import json
from datetime import datetime


def iso(value: object) -> str:
    """What JSON has no form for: times. Raises TypeError for anything else."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} is no part of a trace")


def compact(value: object) -> str:
    return json.dumps(value, default=iso)


def readable(value: object) -> str:
    """Text and times without quotation marks, everything else as JSON."""
    if isinstance(value, str):
        return value
    return iso(value) if isinstance(value, datetime) else compact(value)
