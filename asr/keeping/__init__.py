"""How long recordings are kept, what is held beyond that, and who did what with them."""
