"""``show-goal forget``: what was found of a user, and what is left."""

from __future__ import annotations

from collections.abc import Mapping

import click

from ..core.operators.forgetting import ForgetUser
from .acting import acting, failures_as_json, print_json
from .terminal import counted

LEFT = "left"
AGAIN = "Not settled yet, and so still with the user's name: {}. Repeat this when they are."


def forget_user(user_id: str, sure: bool, container: object, as_json: bool) -> None:
    """Ask, unless ``sure``, and print how much of each kind was changed. Exits with 1 if something is left."""
    with failures_as_json(as_json), acting(container) as found:
        if not sure:
            click.confirm(f"Forget {user_id}? It cannot be undone.", abort=True, err=True)
        click.echo("This looks through whole collections, and may take minutes ...", err=True)
        forget: ForgetUser = found.forget_user()
        done = forget(user_id)
    failures = [AGAIN.format(counted(done[LEFT], "goal"))] if done.get(LEFT) else []
    if as_json:
        print_json({**done, "failures": failures})
    else:
        click.echo(_says(done))
    for failure in failures:
        click.echo(failure, err=True)
    if failures:
        raise SystemExit(1)


def _says(done: Mapping[str, int]) -> str:
    changed = [f"{kind}: {count:,}" for kind, count in done.items() if count and kind != LEFT]
    return f"Forgotten: {', '.join(changed)}." if changed else "There was nothing to forget."
