"""Generated answers in every layout of a good editor, and the same with one damage done on the way."""
