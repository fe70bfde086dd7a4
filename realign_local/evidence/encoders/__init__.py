"""Sentence encoders: loading, packing to int8, distilling, and their tokens."""
