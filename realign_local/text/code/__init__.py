"""Code in texts: where it stands, which language it is in, and its tokens."""
