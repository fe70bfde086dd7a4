"""What is measured, and what with."""
