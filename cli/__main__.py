"""``python -m show_goal.cli``: the same as ``show-goal``."""

from . import main

main()
