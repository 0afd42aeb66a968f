"""``make fresh``: the README's two commands on minimal Debians, as somebody runs them who has just cloned.

Without root first, when no server is installed; then as root, with every server. Each command runs in mount and process
namespaces of its own, so that no mount and no process outlives it, however it ends.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from .servers.folder import TemporaryFolder
from .servers.process import die_with
from .servers.signals import interrupted_by_sigterm, undisturbed

ROOT = Path(__file__).parents[1]
PACKAGES = "python3,python3-venv,make,git,ca-certificates"
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
CLONES = {"bookworm": "show-goal", "trixie": "show goal"}
"""Names that a clone may have. The one without root is called ``x``."""
LEFT_OUT = "To run them: `make servers` as root"
CONFIGURATION = (
    *("etc/resolv.conf", "etc/pip.conf", "etc/xdg/pip", "etc/npmrc", "etc/apt/apt.conf.d", "etc/apt/auth.conf.d"),
    *("usr/local/share/ca-certificates", "root/.config/pip", "root/.npmrc"),
)
"""How this machine reaches the package registries; copied in, as somebody's own machine has it too."""
VARIABLES = re.compile(
    r"(PIP|UV|NPM_CONFIG)_\w+|(http|https|no)_proxy|\w*(SSL_CERT|CA_BUNDLE|CA_CERTS)\w*", re.IGNORECASE
)
ENTER = """
set -eu
mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; mount -t tmpfs tmpfs "$1/dev/shm"
exec chroot --userspec="$2" "$1" sh -c 'cd "$0" && exec "$@"' "$3" $4
"""
"""In the namespaces: the machine's folder, the user, the folder to be in, the command."""


class Failed(SystemExit):
    """A command failed. The text is the end of what it printed."""


def main(debians: Sequence[str]) -> int:
    if missing := [program for program in ("debootstrap", "unshare", "git") if not shutil.which(program)]:
        return _fail(f"make fresh needs {', '.join(missing)}")
    if os.geteuid() != 0:
        return _fail("make fresh needs root, to make a machine and enter it")
    try:
        with interrupted_by_sigterm():
            for debian in debians or CLONES:
                with machine(debian) as folder:
                    _as_a_user_without_root(folder)
                    _as_root(folder, CLONES.get(debian, "show-goal"))
    except KeyboardInterrupt:
        return _fail("interrupted")
    _say(f"{', '.join(debians or CLONES)}: everything is green, and nothing is left behind")
    return 0


@contextmanager
def machine(debian: str) -> Iterator[Path]:
    """A minimal Debian in a temporary folder, which is removed from outside the namespaces: no mount is seen there."""
    temporary = TemporaryFolder()
    folder = temporary.path / debian
    try:
        _say(f"{debian}: making a minimal Debian in {folder}")
        _run(
            [*NAMESPACES, "debootstrap", "--variant=minbase", f"--include={PACKAGES}", debian, str(folder)], quiet=True
        )
        for name in CONFIGURATION:
            _copy(Path("/", name), folder / name)
        inside(folder, "update-ca-certificates --fresh", quiet=True)
        yield folder
    finally:
        with undisturbed():
            _say(f"{debian}: removing {folder}")
            temporary.remove()


def _as_a_user_without_root(folder: Path) -> None:
    inside(folder, "useradd --create-home newcomer")
    clone = cloned(folder, "home/newcomer/x")
    inside(folder, f"chown -R newcomer:newcomer {clone}")
    inside(folder, "make demo", "newcomer", clone)
    if LEFT_OUT not in inside(folder, "make test", "newcomer", clone):
        raise Failed(f"make test does not end with {LEFT_OUT!r}")


def _as_root(folder: Path, name: str) -> None:
    clone = cloned(folder, f"root/{name}")
    inside(folder, "make demo", cwd=clone)
    # With CI set, a server that could not be installed is a failure.
    inside(folder, "make test", cwd=clone, CI="true")


def cloned(folder: Path, name: str) -> str:
    _run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder / name)])
    return f"/{name}"


def inside(
    folder: Path, command: str, user: str = "root", cwd: str = "/", quiet: bool = False, **variables: str
) -> str:
    """Run a command in the machine, as it is after logging in there. Returns the end of its output."""
    if not quiet:
        _say(f"{folder.name}: {user} runs `{command}` in {cwd}")
    home = "/root" if user == "root" else f"/home/{user}"
    own = {name: value for name, value in os.environ.items() if VARIABLES.fullmatch(name)}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    environment = {**own, "HOME": home, "PATH": path, "LANG": "C.UTF-8", **variables}
    begin = time.monotonic()
    output = _run([*NAMESPACES, "sh", "-c", ENTER, "sh", str(folder), user, cwd, command], quiet, environment)
    if not quiet:
        _say(f"{folder.name}: `{command}` took {time.monotonic() - begin:.0f} s")
    return output


def _run(command: Sequence[str], quiet: bool = False, environment: dict[str, str] | None = None) -> str:
    """Show the output while it comes, or only if the command fails, and return its last lines."""
    parent = os.getpid()
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=lambda: die_with(parent),
    )
    assert process.stdout is not None
    lines = []
    with process:
        try:
            for line in process.stdout:
                lines.append(line)
                if not quiet:
                    click.echo(line, nl=False)
        except BaseException:
            process.kill()  # and with it what runs in the namespaces
            raise
    end = "".join(lines[-40:])
    if process.returncode:
        raise Failed((end if quiet else "") + f"`{' '.join(command[-1:])}` failed with {process.returncode}")
    return end


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def _fail(text: str) -> int:
    _say(text)
    return 1


def _say(text: str) -> None:
    click.echo(f"== fresh: {text}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
