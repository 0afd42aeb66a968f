"""Debian starts a service as soon as its package is installed; here only the program is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .signals import interrupted_by_sigterm

POLICY = Path("/usr/sbin/policy-rc.d")
_MARK = "# Written by tests/servers while it installs packages."
_DENY_ALL = f"#!/bin/sh\n{_MARK}\nexit 101\n"


@contextmanager
def no_service_starts(policy: Path = POLICY) -> Iterator[None]:
    """What asks before starting a service is told no; a policy of the machine's own is put back."""
    kept = policy.with_name(f"{policy.name}.kept")
    _restore(policy, kept)  # An earlier install may have been killed.
    if policy.exists():
        policy.rename(kept)
    try:
        with interrupted_by_sigterm():
            policy.write_text(_DENY_ALL)
            policy.chmod(0o755)
            yield
    finally:
        _restore(policy, kept)


def _restore(policy: Path, kept: Path) -> None:
    if policy.exists() and _MARK in policy.read_text(errors="replace"):
        policy.unlink()
    if kept.exists():
        kept.rename(policy)
