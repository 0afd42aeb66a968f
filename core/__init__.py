"""The flow itself: rules, requests, tasks and receivers.

May import the ports, attrs, blinker and the standard library.
"""
