"""What the flow asks of the world: one protocol in each module. The docstrings are the contract.

An adapter needs no base class. It has the methods, keeps the promises, and passes the port's suite in
:mod:`show_goal.testing.conformance`.

May import core.rules and the modules at the root of core.
"""
