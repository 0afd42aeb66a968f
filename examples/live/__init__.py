"""A streamer and two viewers side by side, in a browser.

Services: none with --in-memory; otherwise MongoDB, RabbitMQ or Redis, and Pusher (SHOW_GOAL_* variables).
Install:  pip install '.[all]'; for real channels, pusher-js (`python -m tests.servers install` installs it)
Run:      make live, or python -m examples.live [--in-memory]
"""
