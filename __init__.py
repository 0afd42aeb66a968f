"""Show Goal: a viewer's paid private-show invitation, from the request to the escrow and the channels.

``show_goal.core`` holds the rules, ``show_goal.ports`` what they ask of the world, ``show_goal.adapters`` the
answers: in memory, MongoDB, Celery, Pusher and Flask. Start with :class:`show_goal.adapters.container.Container`.
"""

__version__ = "0.1.0"
