"""What goes to a terminal: text, tables, progress."""
