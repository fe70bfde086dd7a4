"""Datasets: read row by row, written back with nothing changed but the rewritten responses."""
