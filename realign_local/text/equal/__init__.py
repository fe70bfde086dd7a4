"""What means the same though it is written otherwise, brought to one form before it is compared."""
