"""Visits, receptions, calls and notes: what was said, by whom, and what comes next."""
