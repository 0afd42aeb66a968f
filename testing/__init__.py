"""For tests, yours and ours: the promises of the ports, the simulator, and a platform with its pytest plugin.

May import core, ports and the container with its in-memory adapters.
"""
