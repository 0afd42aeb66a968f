"""What a worker does: one module a task, and the sweep, which finishes what got lost.

May import ports, core.rules and what lies at the root of core; no request and no receiver.
"""
