"""What is due: the desk. Queries and pages over the other domains."""
