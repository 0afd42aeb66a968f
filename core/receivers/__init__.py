"""Who hears the signals. The order stands in :mod:`show_goal.core.receivers.registry`."""
