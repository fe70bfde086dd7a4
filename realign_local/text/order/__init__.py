"""Phrases that tell an order or a side, and the sides that sentences take."""
