"""Classifiers: instructions in, tasks and confidences out."""
