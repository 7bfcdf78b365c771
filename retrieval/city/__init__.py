"""The city's tables in, exact look-ups out: what is not in a table is not answered from it."""
