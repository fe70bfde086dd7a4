"""Commands on finished runs and what they hold."""
