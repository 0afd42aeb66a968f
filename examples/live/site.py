"""The page, and the library's routes below ``/as/<person>``: the URL says who is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, abort, g, jsonify, render_template, request, send_file

from show_goal.adapters.container import Container
from show_goal.adapters.flask import create_blueprint, create_channel_authorization
from show_goal.core import names
from show_goal.core.model import Viewer
from show_goal.core.money import HoldState
from show_goal.core.rules.channels import channel_forbidden
from show_goal.ports.wallet import whole_escrow

from .cast import PEOPLE, PRICING, SESSION, SID, Person
from .streams import ServerSentEvents

if TYPE_CHECKING:
    from .real import Pusher


def create_site(container: Container, *, events: ServerSentEvents | None = None, pusher: Pusher | None = None) -> Flask:
    """The Flask app. Events come through ``pusher``, or from this process through ``events``."""
    app = Flask(__name__)
    ours = Blueprint("live", __name__)
    _person_routes(ours, container, events, pusher)
    for blueprint in (
        create_blueprint(container, current_user=_viewer),
        create_channel_authorization(container, current_user=_viewer),
        ours,
    ):
        blueprint.url_value_preprocessor(_log_in)
        app.register_blueprint(blueprint, url_prefix="/as/<person>")
    app.after_request(_only_from_here(pusher))

    @app.get("/")
    def everybody() -> str:
        return render_template("everybody.html", people=PEOPLE)

    @app.get("/pusher.js")
    def pusher_js() -> Response:
        return send_file(pusher.script, mimetype="text/javascript") if pusher else abort(404)

    return app


def _person_routes(
    ours: Blueprint, container: Container, events: ServerSentEvents | None, pusher: Pusher | None
) -> None:
    metered = container.settlement_rule().metered

    @ours.get("/")
    def page() -> str:
        return render_template("person.html", person=g.person, config=_config(g.person, pusher, metered), pusher=pusher)

    @ours.get("/state")
    def state() -> Response:
        """What the library's routes do not return: the user's balance, their pass, the preset, the latest goal."""
        session = container.sessions().fetch_active(SESSION)
        balance = container.books().balance(g.person.id)
        own_pass = container.passes().find(SESSION, g.person.id)
        claim, last = (session.claim, session.trigger_private_goal) if session else (None, None)
        goal_id = claim.goal_id if claim else last.goal if last else None
        holds = whole_escrow(container.wallet(), names.escrow_id(goal_id)) if goal_id else []
        return jsonify(
            available=balance.available,
            held=balance.held,
            may_watch_until=own_pass and own_pass.exp.timestamp(),
            preset=session.preset if session else None,
            goal_id=goal_id,
            escrow=sum(hold.amount for hold in holds if hold.state is HoldState.HELD),
            payers=len(holds),
            now=int(container.clock().now().timestamp() * 1000),
            settle_delay=int(container.settings().settle_delay.total_seconds()),
        )

    @ours.get("/events")
    def listen() -> Response:
        channels = request.args.getlist("channel")
        if events is None or any(channel_forbidden(g.person.viewer, channel) for channel in channels):
            abort(403)
        return Response(events.listen(channels), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})


def _log_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.person = PEOPLE.get((values or {}).pop("person", ""))
    if g.person is None:
        abort(404)


def _viewer() -> Viewer:
    person: Person = g.person
    return person.viewer


def _config(person: Person, pusher: Pusher | None, metered: bool) -> dict[str, object]:
    channels = [f"presence-stream@{SID.id}", f"private-stream@{SID.id}"]
    preview = [] if person is SID else [names.preview_channel(SID.id, person.id)]
    return {
        "role": "streamer" if person is SID else "viewer",
        "session": SESSION,
        "rate": PRICING[names.PRESET_SD],
        "metered": metered,
        "channels": [*channels, *preview, names.user_channel(person.id)],
        "pusher": {"key": pusher.key, "wsHost": pusher.host, "wsPort": pusher.port} if pusher else None,
    }


def _only_from_here(pusher: Pusher | None) -> Any:
    socket = f" ws://{pusher.host}:{pusher.port}" if pusher else ""

    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = f"default-src 'self'; connect-src 'self'{socket}"
        return response

    return add
