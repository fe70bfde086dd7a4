"""A run over the nodes of a Ray cluster: `realign run --ray`."""
