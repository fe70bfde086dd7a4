"""The engine: requests in, completions out, many at a time over one model. Read engine.py first."""
