"""Graphics cards as the machine knows them, without llama.cpp; standard library only, for setup."""
