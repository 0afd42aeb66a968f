"""The commands of ``show-goal``."""

from __future__ import annotations

import json
import os

import click

from .. import __version__
from ..adapters.container import Container
from ..adapters.environment import ConfigurationError, adapters_from
from ..core.trace import describe
from .acting import environments_or, failures_as_json, standing_on
from .demo.cast import PEOPLE
from .demo.printing import print_demo
from .demo.scenario import scenes
from .demo.stage import Stage, plain
from .group import EXIT_STATUS, Commands
from .host_object import container_of, host_object
from .options import CONTAINER, JSON, REASON
from .terminal import terminal


@click.group(cls=Commands, epilog=EXIT_STATUS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def show_goal() -> None:
    """Paid invitations to private shows: see the flow, run it, look after it.

    Commands that need servers read the SHOW_GOAL_* environment variables.
    """


@show_goal.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, with every trace and every balance.")
def demo(as_json: bool) -> None:
    """Play the whole flow in memory and print what happens.

    Needs no server.
    """
    if as_json:
        document = {"people": PEOPLE, "scenes": list(scenes(Stage()))}
        click.echo(json.dumps(document, default=plain, indent=2))
    else:
        print_demo(scenes(Stage()), terminal())


@show_goal.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--in-memory", is_flag=True, help="Need no server: made-up people, a session and a worker.")
@CONTAINER
def serve(host: str, port: int, in_memory: bool, container: object) -> None:
    """Serve the routes with Flask, for development.

    The header X-User-Id says who the user is, so anybody can be anyone. Keep
    it on loopback.
    """
    try:
        from . import serving
    except ModuleNotFoundError as missing:
        if missing.name != "flask":
            raise
        raise ConfigurationError(["flask is not installed: pip install 'show-goal[flask]'"]) from missing
    if in_memory:
        serving.serve_in_memory(host, port)
    else:
        serving.serve(environments_or(container), host, port)


@show_goal.command()
@click.option("--concurrency", type=click.IntRange(min=1), help="Processes that run tasks.  [default: one per core]")
@click.option(
    "--loglevel",
    default="INFO",
    show_default=True,
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], False),
    help="What to log.",
)
@click.option("--beat", is_flag=True, help="Also trigger a sweep every SHOW_GOAL_SWEEP_INTERVAL seconds.")
@CONTAINER
def worker(concurrency: int | None, loglevel: str, beat: bool, container: object) -> None:
    """Run the tasks with Celery.

    Run one worker with --beat. A second one does no harm.
    """
    app = environments_or(container).worker()
    # Two workers with the same name would share the queue by which RabbitMQ tells them apart.
    options = [f"--hostname=show_goal-{os.getpid()}@%h"]
    options += [] if concurrency is None else [f"--concurrency={concurrency}"]
    # This scheduler keeps no file. An interval needs none.
    options += ["--beat", "--scheduler=celery.beat:Scheduler"] if beat else []
    app.worker_main(["worker", f"--loglevel={loglevel}", *options])


@show_goal.command()
@JSON
@CONTAINER
def sweep(as_json: bool, container: object) -> None:
    """Sweep once: end, settle and refund what is due.

    Ends goals past their exp, creates goals whose task was lost, settles
    escrows and refunds holds past their time. Goes on for at most
    SHOW_GOAL_SWEEP_TIME seconds. You can repeat it at any time.
    """
    from .sweeping import sweep_once

    sweep_once(container, as_json)


@show_goal.command()
@click.argument("asked", metavar="USER|GOAL|TRANSACTION")
@JSON
@CONTAINER
def why(asked: str, as_json: bool, container: object) -> None:
    """Say where a user's money is, and why.

    Takes the id of a user, a goal or a transaction. Says what became of the
    money, then what is known of it in order, each line with its time and its
    source. Exits with 1 if nothing is known. Changes nothing.
    """
    from .explaining import explain

    explain(asked, container, as_json)


@show_goal.command()
@click.argument("goal_id", metavar="GOAL")
@REASON
@JSON
@CONTAINER
def end(goal_id: str, reason: str, as_json: bool, container: object) -> None:
    """End a goal now, and say why.

    It ends as at its exp: the session is free, and its payers get their money
    back. The reason is kept with the goal. You can repeat it at any time.
    """
    from .operating import end_goal

    end_goal(goal_id, reason, container, as_json)


@show_goal.command()
@click.argument("transaction_id", metavar="TRANSACTION")
@REASON
@click.option("--yes", "sure", is_flag=True, help="Do not ask first.")
@JSON
@CONTAINER
def refund(transaction_id: str, reason: str, sure: bool, as_json: bool, container: object) -> None:
    """Give one viewer's held money back, and say why.

    The viewer loses the pass that it paid for. Asks first. Money that the
    streamer has already stays there. You can repeat it at any time.
    """
    from .operating import refund_hold

    refund_hold(transaction_id, reason, sure, container, as_json)


@show_goal.command()
@click.argument("user_id", metavar="USER")
@click.option("--yes", "sure", is_flag=True, help="Do not ask first.")
@JSON
@CONTAINER
def forget(user_id: str, sure: bool, as_json: bool, container: object) -> None:
    """Forget a person, in all that need not name them.

    Goals, payments that count for them, and statistics name an alias. Feed
    and passes are deleted. The wallet's books keep the user's id. Asks first.
    You can repeat it, and interrupt it, at any time.
    """
    from .forgetting import forget_user

    forget_user(user_id, sure, container, as_json)


@show_goal.command()
@CONTAINER
def indexes(container: object) -> None:
    """Create the MongoDB indexes.

    You can repeat it at any time.
    """
    if container is not None:
        container_of(container).create_indexes()
        click.echo("The indexes exist.")
        return
    adapters = adapters_from(os.environ).providers  # says if the driver is not installed
    from pymongo.errors import PyMongoError

    from ..adapters.mongo import create_indexes

    database = adapters["database"]()
    with database.client:
        try:
            create_indexes(database, adapters["mongo_settings"]())
        except PyMongoError as error:
            reason = describe(error)
            raise click.ClickException(f"The indexes of {database.name} could not be created: {reason}") from error
    click.echo(f"The indexes of {database.name} exist.")


@show_goal.command()
@JSON
@CONTAINER
def migrate(as_json: bool, container: object) -> None:
    """Move what version 0.1 stored elsewhere.

    Moves the payments in goals and the passes in sessions, a page at a time.
    Both are found before they are moved, too. Run it once all workers are
    new. You can repeat it, and interrupt it, at any time.
    """
    with failures_as_json(as_json, goals=None, sessions=None), standing_on(container) as adapters:
        from .migrating import migrate_all

        migrate_all(adapters, as_json)


@show_goal.command()
@JSON
@CONTAINER
@click.option(
    "--app",
    metavar="MODULE:NAME",
    callback=host_object,
    help="Check this Celery app of yours.  [default: the container's]",
)
@click.option("--timeout", default=5.0, show_default=True, help="Seconds for all checks together.")
def check(as_json: bool, container: object, app: object, timeout: float) -> None:
    """Check every dependency, and say what is wrong and what to do.

    Checks MongoDB and its indexes, the clock, the broker, Celery's settings,
    Pusher's credentials, and that sweeps run. Changes nothing. Warnings do
    not count as failures.
    """
    with failures_as_json(as_json, status="failure", checks=[]), standing_on(container) as adapters:
        from .check.command import check as check_adapters

        fine = check_adapters(adapters, app, timeout, as_json)
    if not fine:
        raise SystemExit(1)


@show_goal.command()
@click.option("--mermaid", "form", flag_value="mermaid", help="Print a Mermaid flowchart.")
@click.option("--json", "form", flag_value="json", help="Print one JSON document on one line.")
@click.option(
    "--container",
    metavar="MODULE:NAME",
    callback=host_object,
    help="Show your own container, or what a function of yours returns.  [default: one in memory]",
)
def flow(form: str | None, container: object) -> None:
    """Show the flow as it is registered, as a tree by default.

    Shows requests, tasks, signals with their receivers in order, goal
    classes, events and channels. Your own receivers are shown with your own
    container. Connects to no server.
    """
    from .flow.command import show_flow

    show_flow(Container.in_memory() if container is None else container_of(container), form or "tree")


@show_goal.command()
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="The first seed.")
@click.option("--steps", default=200, show_default=True, type=click.IntRange(min=1), help="Steps of each seed.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(min=1), help="How many seeds to run.")
@click.option(
    "--rule",
    default="whole",
    show_default=True,
    type=click.Choice(["whole", "shown", "random"]),
    help="The settlement rule: whole_once_begun, for_time_shown, or one that the seed makes up.",
)
@click.option(
    "--host", metavar="MODULE:NAME", callback=host_object, help="Your subclass of Host, with receivers and adapters."
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes to use.  [default: one per core]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document. A single seed has its whole trace.")
def simulate(seed: int, steps: int, seeds: int, rule: str, host: object, workers: int | None, as_json: bool) -> None:
    """Run the flow through faults, in memory, and check every promise.

    The same seed, steps and rule always do the same. When a promise is broken, you
    get the shortest trace that breaks it, and the command to replay it.
    """
    from ..testing.simulator import RuleKind
    from .simulating import Asked, host_class, simulate_seeds

    asked = Asked(
        seeds=range(seed, seed + seeds), steps=steps, rule=RuleKind(rule), host=host_class(host), workers=workers
    )
    simulate_seeds(asked, as_json)
