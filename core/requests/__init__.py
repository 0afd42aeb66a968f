"""What a client may ask: one module a request.

May import ports, core.rules and what lies at the root of core; no task and no receiver.
"""
