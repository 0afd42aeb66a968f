"""The flow itself: pure rules, use cases and receivers. Imports attrs, blinker and the standard library alone."""
