"""What one text says, told with the other text beside it: tables, accents, cases of names."""
