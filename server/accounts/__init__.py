"""Accounts of staff: who somebody is, of which department, and what they may do."""
