"""The stages of a run, in flow order: classify, retrieve, rewrite, verify."""
