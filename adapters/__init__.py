"""The ports' answers, and the container that wires them. Adapters know nothing of each other."""
