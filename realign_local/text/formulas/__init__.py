"""Formulas read sign by sign, and as trees."""
