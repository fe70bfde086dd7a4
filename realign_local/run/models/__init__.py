"""Where a run's language model is: so far, here in a file (run/tools.py), or behind a server."""
