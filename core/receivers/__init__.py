"""What hears the signals: small functions, and the matrix that says which goal classes each one serves.

May import ports, core.rules and what lies at the root of core; no task and no request.
"""
