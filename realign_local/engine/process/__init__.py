"""The engine in a process of its own, and what the run sees of it."""
