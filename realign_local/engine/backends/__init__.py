"""What can stand behind the engine: llama.cpp, and stand-ins without a model."""
