"""What runs when a signal is sent: small functions, and the matrix that says for which goal classes.

May import ports, core.rules and what lies at the root of core; no task and no request.
"""
