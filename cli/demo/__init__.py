"""The demo: scenes played in memory, and how they are printed."""
