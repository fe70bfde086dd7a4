"""What a text does in some places only is done in all of them, or in none: marks, capitals."""
