"""Documents and questions in, ranked hits out. Search always says for which audience."""
