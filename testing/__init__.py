"""For tests, yours and ours: the promises of the ports, and the simulator.

May import core, ports and the container with its in-memory adapters.
"""
