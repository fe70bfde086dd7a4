"""Model files: which are known by hash, and what a GGUF file says about itself."""
