"""What one run of the engine leaves for the next: the states of beginnings that come again."""
