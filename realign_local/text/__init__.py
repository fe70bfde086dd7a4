"""Text and its parts: sentences, words, blocks, numbers and code, compared and told apart."""
