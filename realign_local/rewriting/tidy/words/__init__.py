"""Words that went wrong: slips that every reader sees."""
