"""Values written in every way that a good editor would write them, and values that are others."""
