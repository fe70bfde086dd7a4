"""Gates over what must stay exactly as it is: numbers, formulas, final answers, code."""
