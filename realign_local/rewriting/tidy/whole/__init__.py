"""What is mended as a whole or not at all: marks of lists, lists in a line, capitals, cut lines."""
