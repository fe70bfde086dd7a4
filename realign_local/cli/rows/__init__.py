"""Commands on the rows of a dataset."""
