"""The files of a run: journal, folder, provenance, decisions, card."""
