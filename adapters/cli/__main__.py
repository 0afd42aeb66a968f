"""``python -m show_goal.adapters.cli``: the same as ``show-goal``."""

from . import main

main()
