"""Words and sentences, in any language, as every room above sees them."""
