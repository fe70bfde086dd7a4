"""Wikitext to plain text: templates, dates, units and numbers in the wiki's language."""
