"""The officer's and the manager's day in a real browser."""
