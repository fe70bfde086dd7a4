"""What one text says, told with the other beside it: tables, cases of names, whose a word is."""
