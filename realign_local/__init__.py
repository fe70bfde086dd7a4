"""realign-local: reformat instruction-tuning data offline, and prove that only the form changed."""

__version__ = "0.1.0"
