"""Finds, verifies and loads weights, and picks the device. The only package that does."""
