"""Measures the product on what it ships with. Imported by nobody."""
