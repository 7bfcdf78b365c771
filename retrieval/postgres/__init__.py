"""Index versions in PostgreSQL with pgvector: for many machines that serve the same knowledge bases."""
