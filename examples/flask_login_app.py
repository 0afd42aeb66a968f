"""A bare Flask app with Flask-Login, whose users have whole numbers for ids, and the routes in it.

Services: none: the container is in memory. ``Container.from_env()`` for real servers.
Install:  pip install '.[flask]' flask-login
Run:      flask --app examples/flask_login_app.py run
"""

from flask import Flask, abort
from flask_login import LoginManager, UserMixin, current_user, login_user

from show_goal.adapters.container import Container
from show_goal.adapters.flask import create_blueprint


class User(UserMixin):
    def __init__(self, user_id: int, tags: list[str]) -> None:
        self.id, self.tags = user_id, tags


USERS = {7: User(7, ["vip"]), 8: User(8, [])}


def create_app(container: Container) -> Flask:
    app = Flask("shop")
    app.secret_key = "an example"
    LoginManager(app).user_loader(lambda user_id: USERS.get(int(user_id)))

    @app.post("/login/<int:user_id>")
    def log_in(user_id: int) -> str:
        login_user(USERS.get(user_id) or abort(404))
        return "welcome"

    app.register_blueprint(create_blueprint(container, lambda: current_user))
    return app


app = create_app(Container.in_memory())
