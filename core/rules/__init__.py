"""The rules of the flow as pure functions: facts in, a verdict out.

May import what lies at the root of core; no port, task, request or receiver.
"""
