"""Whether training on rewritten rows helps, in small (README.md)."""
