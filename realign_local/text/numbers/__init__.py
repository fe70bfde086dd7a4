"""Numbers, dates and units in whatever way they are written, in one form."""
