"""Evidence: text in, passages out; a dump becomes an index, a question finds passages."""
