"""HTTP routes, one file a channel."""
