"""What becomes of a response: operations of the program, a few words of a model, and the choice."""
