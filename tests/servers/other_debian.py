"""The servers of the other Debian: on Debian 12 those of 13, on 13 those of 12. So old and new ones run side by side.

Nothing is installed, mounted or entered: the packages are unpacked into a folder, the C library among them, and a small
script in place of each program starts it with the folder's own loader. That needs no root.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .command import run
from .process import ServerError

TREE = Path(__file__).parents[2] / ".servers" / "other-debian"
_OTHER = {"bookworm": "trixie", "trixie": "bookworm"}
_PACKAGES = ("rabbitmq-server", "redis-server")
_MIRROR = "http://deb.debian.org/debian"
_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
_STAMP = TREE / "unpacked"
_ERLANG = "usr/lib/erlang"
_PROGRAMS = ("usr/lib/rabbitmq/lib/*/sbin", f"{_ERLANG}/bin", "usr/bin")
_ELF = b"\x7fELF"
_APT = """
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "{folder}";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
Acquire::Languages "none";
APT::Sandbox::User "";
"""
"""It knows the other release only, and takes no package for installed."""


def missing() -> str | None:
    if not _release():
        return "only Debian 12 and 13 have another Debian whose servers run on them"
    return None if _STAMP.exists() and _STAMP.read_text() == _version() else "it is not unpacked"


def find(program: str) -> str:
    """Its path, or an empty string."""
    paths = (path for folder in _PROGRAMS for path in TREE.glob(f"{folder}/{program}"))
    return str(next(paths, ""))


def environment() -> dict[str, str]:
    """With it RabbitMQ's scripts find each other, and this Erlang."""
    return {
        "PATH": f"{TREE / _ERLANG / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "RABBITMQ_SCRIPTS_DIR": str(Path(find("rabbitmq-server")).parent),
    }


def unpack() -> None:
    release = _release()
    if not release or not shutil.which("apt-get"):
        raise ServerError(missing() or "there is no apt-get")
    shutil.rmtree(TREE, ignore_errors=True)
    apt = TREE / "apt"
    _download(release, apt)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda package: run(["dpkg-deb", "-x", str(package), str(TREE)]), apt.glob("archives/*.deb")))
    shutil.rmtree(apt)
    for program in _elf_programs():
        _start_with_own_loader(program)
    for script in TREE.glob(f"{_ERLANG}/**/bin/erl"):
        _edit(script, r'ROOTDIR="?/usr/lib/erlang"?', f'ROOTDIR="{TREE / _ERLANG}"')
    for script in TREE.glob("usr/lib/rabbitmq/lib/*/sbin/rabbitmq-env"):
        # The folder may hold a space.
        _edit(script, r"\. (\$\{RABBITMQ_SCRIPTS_DIR\}/rabbitmq-defaults)", r'. "\1"')
    _STAMP.write_text(_version())  # Last, so that an installation that was cut short is repeated.


def _release() -> str | None:
    """The name of the other release."""
    try:
        return _OTHER.get(platform.freedesktop_os_release().get("VERSION_CODENAME", ""))
    except OSError:
        return None


def _version() -> str:
    """Changes with the machine's release, with the folder, whose path is in the scripts, and with this file."""
    return f"{_release()} {TREE} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"


def _download(release: str, apt: Path) -> None:
    for folder in ("lists/partial", "archives/partial"):
        (apt / folder).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(f"deb [signed-by={_KEYS}] {_MIRROR} {release} main\n")
    (apt / "apt.conf").write_text(_APT.format(folder=apt))
    configured = {"APT_CONFIG": str(apt / "apt.conf")}
    run(["apt-get", "update"], variables=configured)
    run(["apt-get", "install", "-y", "--download-only", "--no-install-recommends", *_PACKAGES], variables=configured)


def _elf_programs() -> list[Path]:
    folders = [TREE / "usr/bin", *TREE.glob(f"{_ERLANG}/**/bin")]
    files = [file for folder in folders for file in folder.iterdir() if file.is_file() and not file.is_symlink()]
    return [file for file in files if file.read_bytes().startswith(_ELF)]


def _start_with_own_loader(program: Path) -> None:
    """The machine's loader would load the machine's C library, which may be too old."""
    loader = next(loader for folder in _libraries() for loader in folder.glob("ld-linux-*.so.*"))
    original = program.with_name(f"{program.name}.elf")
    program.rename(original)
    libraries = ":".join(map(str, _libraries()))
    program.write_text(f'#!/bin/sh\nexec "{loader}" --library-path "{libraries}" --argv0 "$0" "{original}" "$@"\n')
    program.chmod(0o755)


def _libraries() -> Iterator[Path]:
    for folder in ("lib", "usr/lib"):
        yield from TREE.glob(f"{folder}/*-linux-gnu")


def _edit(script: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, script.read_text())
    if not count:
        raise ServerError(f"{script} is not as expected: it has no {pattern}")
    script.write_text(text)
