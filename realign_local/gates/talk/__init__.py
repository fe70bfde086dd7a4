"""Gates over what is said around an answer: phrases, leaks, refusals, empty sentences."""
