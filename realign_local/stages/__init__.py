"""The stages of a run, each in one file; they never import each other."""
