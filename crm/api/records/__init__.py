"""Records as JSON, and how they are found and listed."""
