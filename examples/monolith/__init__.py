"""A company's monolith with Show Goal in it: Flask, mongoengine, Celery, and the company's own wallet service.

The monolith was there first. The lines that end in ``# + show_goal``, ``embedding.py`` and ``wallet_adapter.py`` embed
Show Goal; docs/how-to/embed.md explains them. ``tests/`` shows how the company tests it.

Services: MongoDB, RabbitMQ and the stand-in for Pusher. The command starts them.
Install:  make servers
Run:      make monolith, or python -m examples.monolith
"""
