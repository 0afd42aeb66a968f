"""A company's monolith, and Show Goal in it: Flask, mongoengine and Celery, with a wallet service of its own.

Everything here was there before, but for the lines that end in ``# + show_goal``, ``embedding.py`` and
``wallet_adapter.py``; docs/how-to/embed.md goes through them. ``tests/`` is how the company tests it.

Services: MongoDB, RabbitMQ and the stand-in for Pusher, which the command starts.
Install:  make servers
Run:      make monolith, or python -m examples.monolith
"""
