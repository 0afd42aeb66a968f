"""What the flow asks of the world. One small protocol a file; its docstrings are the contract.

An adapter needs no base class: it has the methods, keeps the promises, and passes its suite in
:mod:`show_goal.testing.conformance`.

May import core.rules and the modules at the root of core.
"""
