"""Files of rows: opened, told apart, decoded and read piece by piece."""
