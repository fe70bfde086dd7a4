"""One run's state: what it was given, its tools, what is done, and what comes next."""
