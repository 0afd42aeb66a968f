"""The routes beside what Flask's hosts have: Flask-Login, Flask-WTF's CSRF tokens, a proxy in front."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from examples import flask_login_app
from show_goal.adapters.flask import create_api_docs, create_blueprint, create_wallet_callback
from tests.adapters.flask.site import CALLBACK, KEY, PATH, SIGNATURE, a_report_body, refusal, signature
from tests.builders import a_body, a_viewer
from tests.world import World


def test_a_bare_app_with_flask_login_and_whole_numbers_for_ids_has_the_routes_in_under_40_lines(world: World) -> None:
    world.wallet.credit("7", 100)
    client = flask_login_app.create_app(world.container).test_client()
    assert refusal(client.post(PATH, json=a_body())) == (401, "not_logged_in")
    assert client.post("/login/7").text == "welcome"
    assert client.post(PATH, json=a_body()).status_code == 202
    world.run_due()
    assert [hold.from_user_id for hold in world.wallet.holds()] == ["7"]
    assert len(Path(flask_login_app.__file__).read_text().splitlines()) < 40


def test_csrf_tokens_are_not_asked_for_where_the_blueprints_are_exempt() -> None:
    world = World.make(wallet_keys=[KEY])
    app = Flask("shop")
    app.secret_key = "tests"
    csrf = CSRFProtect(app)
    shows, callback = create_blueprint(world.container, a_viewer), create_wallet_callback(world.container)
    app.register_blueprint(shows)
    app.register_blueprint(callback)
    client = app.test_client()
    assert client.post(PATH, json=a_body()).content_type.startswith("text/html"), "a browser's page, and no problem"
    csrf.exempt(shows)
    csrf.exempt(callback)
    assert client.post(PATH, json=a_body()).status_code == 202
    body = json.dumps(a_report_body()).encode()
    assert client.post(CALLBACK, data=body, headers={SIGNATURE: signature(body)}).status_code == 200


def test_behind_a_proxy_that_takes_a_prefix_off_the_description_has_it(world: World) -> None:
    app = Flask("shop", static_folder=None)
    app.register_blueprint(create_blueprint(world.container, a_viewer))
    app.register_blueprint(create_api_docs())
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    description = app.test_client().get("/openapi.json", headers={"X-Forwarded-Prefix": "/shop"}).get_json()
    assert description["servers"] == [{"url": "/shop"}]
