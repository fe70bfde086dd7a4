"""Generated answers in every layout of a good editor, whole and with one damage each."""
