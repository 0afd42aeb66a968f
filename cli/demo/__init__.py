"""The demo: scenes played in memory, and how they are printed.

May import core, ports and adapters; nothing else of the command line.
"""
