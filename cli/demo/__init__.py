"""The demo: a scenario played on the in-memory adapters, printed for people or as JSON.

May import core, ports, adapters and ``cli.terminal``.
"""
