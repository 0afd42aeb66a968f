"""The commands: ``show-goal demo | serve | worker | sweep | indexes | check | flow | simulate``."""

from __future__ import annotations

import json
import os
from typing import Any

import click
from rich.console import Console

from ..adapters.container import Container
from ..adapters.environment import ConfigurationError
from ..adapters.from_env import adapters_from
from ..ports.errors import Unavailable
from .demo import cast
from .demo.printing import print_demo
from .demo.scenario import Stage, scenes
from .demo.values import iso
from .simulating import Asked, simulate_seeds
from .sweeping import sweep_once

EXIT_STATUS = """
\b
Exit status:
  0  done
  1  a server does not answer, or says no; check: something has failed
  2  cannot start: wrong usage, wrong SHOW_GOAL_* variables, something not
     installed; each is named
"""

PROMISES = """
\b
Exit status:
  0  every promise was kept
  1  one was broken
  2  wrong usage
"""


class Commands(click.Group):
    """Says in plain words what keeps a command from starting."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            for problem in error.problems:
                click.echo(problem, err=True)
            ctx.exit(2)
        except Unavailable as error:
            raise click.ClickException(f"{error}\nIs the server up, and its SHOW_GOAL_* variable right?") from error


@click.group(cls=Commands, epilog=EXIT_STATUS)
def show_goal() -> None:
    """A viewer's paid invitation to a private show: request, escrow, goal, signals, channels."""


@show_goal.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document: every scene with its traces and ledger.")
def demo(as_json: bool) -> None:
    """Play the whole flow in memory and print what happened. Needs no server."""
    if not as_json:
        print_demo(scenes(Stage()), Console(highlight=False))
        return
    document = {"people": cast.PEOPLE, "scenes": [scene.as_dict() for scene in scenes(Stage())]}
    click.echo(json.dumps(document, default=iso, indent=2))


@show_goal.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--in-memory", is_flag=True, help="A made-up session, viewers and a worker in this process.")
def serve(host: str, port: int, in_memory: bool) -> None:
    """Serve the route with Flask, for development.

    Whoever sends the header X-User-Id is taken to be that user: keep it on loopback.
    """
    try:
        from . import serving
    except ModuleNotFoundError as missing:
        if missing.name != "flask":
            raise
        raise ConfigurationError(["flask is not installed: pip install 'show-goal[flask]'"]) from missing
    (serving.serve_in_memory if in_memory else serving.serve)(host, port)


@show_goal.command()
@click.option("--concurrency", type=click.IntRange(min=1), help="Processes that run tasks; one a core unless given.")
@click.option(
    "--loglevel", default="INFO", show_default=True, type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], False)
)
@click.option("--beat", is_flag=True, help="Ask for a sweep each SHOW_GOAL_SWEEP_INTERVAL seconds as well.")
def worker(concurrency: int | None, loglevel: str, beat: bool) -> None:
    """Run the tasks with Celery, as the SHOW_GOAL_* variables say.

    One worker should run with --beat; a second does no harm.
    """
    app = Container.from_env().worker()
    # Two workers of one name would fight for the queue on which RabbitMQ keeps them apart.
    options = [f"--hostname=show_goal-{os.getpid()}@%h"]
    options += [] if concurrency is None else [f"--concurrency={concurrency}"]
    # In memory: an interval needs no file that remembers when it last passed.
    options += ["--beat", "--scheduler=celery.beat:Scheduler"] if beat else []
    app.worker_main(["worker", f"--loglevel={loglevel}", *options])


@show_goal.command()
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on a line: counts, failures, whether to go on."
)
def sweep(as_json: bool) -> None:
    """Sweep once: end, settle and refund what is due.

    Ends goals past their time, creates those whose task was lost, settles
    escrows and refunds what is left over; at most SHOW_GOAL_SWEEP_LIMIT of
    each. Repeating it is harmless.
    """
    sweep_once(as_json)


@show_goal.command()
def indexes() -> None:
    """Create the MongoDB indexes. Repeating it is harmless."""
    adapters = adapters_from(os.environ).providers
    from .indexing import create_all  # after what says that the driver is not installed

    create_all(adapters["database"](), adapters["mongo_settings"]())


@show_goal.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on a line.")
@click.option("--app", metavar="MODULE:APP", help="Your own Celery app, as celery -A takes it, in place of ours.")
@click.option("--timeout", default=5.0, show_default=True, help="Seconds that all checks have together.")
def check(as_json: bool, app: str | None, timeout: float) -> None:
    """Look at every dependency, and say what is wrong and what to do.

    MongoDB, its indexes, this machine's clock, the broker, Celery's settings,
    Pusher's credentials, and whether a sweeper runs. Changes nothing. Exits
    with 0 when nothing has failed, warnings or not, and with 1 when something
    has.
    """
    adapters = adapters_from(os.environ)
    from .check import command as checking  # after what says that a driver is not installed

    if not checking.check(adapters, checking.find_app(app) if app else None, timeout, as_json):
        raise SystemExit(1)


@show_goal.command()
@click.option("--mermaid", "form", flag_value="mermaid", help="A Mermaid flowchart.")
@click.option("--svg", "form", flag_value="svg", help="A picture.")
@click.option("--json", "form", flag_value="json", help="One JSON document on a line.")
@click.option(
    "--container", metavar="MODULE:NAME", help="Your own container, or a function that makes it; else one in memory."
)
def flow(form: str | None, container: str | None) -> None:
    """Show the flow as it is registered, as a tree unless asked for otherwise.

    Requests, tasks, signals with their receivers in their order, goal
    classes, events and channels. With your container, your own receivers as
    well. Needs no server.
    """
    from .flow import command as flowing

    flowing.show_flow(flowing.find_container(container), form or "tree")


@show_goal.command(epilog=PROMISES)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="The first seed.")
@click.option("--steps", default=200, show_default=True, type=click.IntRange(min=1), help="Steps of each seed.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(min=1), help="How many seeds to run.")
@click.option("--host", default="", metavar="MODULE:CLASS", help="A Host of yours, with your receivers and adapters.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one a core unless given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document; of a single seed with its whole trace.")
def simulate(seed: int, steps: int, seeds: int, host: str, workers: int | None, as_json: bool) -> None:
    """Run the flow through faults, in memory: nothing lost, nothing charged twice.

    The same seed and steps do the same, everywhere. A broken promise is told
    with the shortest trace that still breaks it, and the command to replay it.
    """
    simulate_seeds(Asked(seeds=range(seed, seed + seeds), steps=steps, host=host, workers=workers), as_json)
