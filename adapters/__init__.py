"""The ports' answers, and the container that wires them. Adapters know nothing of each other.

May import core and ports. Only the container imports the adapters; no adapter imports another.
"""
