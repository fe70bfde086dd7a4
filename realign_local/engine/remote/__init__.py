"""The Engine protocol over servers that speak OpenAI's chat protocol; nothing else uses httpx2."""
