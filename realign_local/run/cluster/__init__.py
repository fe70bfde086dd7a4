"""A run, or the build of an index, over the nodes of a Ray cluster: `--ray`."""
