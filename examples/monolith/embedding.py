"""Private shows: Show Goal on our database, Celery app, channels, signals and wallet. The viewer is our g.user."""

from functools import partial

from blinker import default_namespace

from examples.monolith import celery_app, config, wallet_adapter
from show_goal.adapters import celery, container, mongo, pusher
from show_goal.core.settings import Settings

make_container = partial(
    container.Container.from_settings,
    mongo=mongo.MongoSettings(**config.MONGODB, users="member", sessions="livestream", goals="goal", dotted_cls=True),
    celery=celery.CelerySettings(queue=None, task_names={name: f"monolith.shows.{name}" for name in celery.TASK_NAMES}),
    celery_app=celery_app.app,
    pusher=pusher.PusherSettings(**config.PUSHER),
    namespace=default_namespace,
    wallet=wallet_adapter.HttpWallet(**config.WALLET),
    wallet_keys=config.WALLET_KEYS,
    settings=Settings(settle_delay=config.GRACE),
)
private_shows = make_container()
private_shows.worker()
