"""HTTP, pages, accounts, the command line: the only package that puts the others together."""
