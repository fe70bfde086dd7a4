"""realign-local: reformat instruction-tuning data offline, and check that only the form changed."""

__version__ = "0.1.0"
