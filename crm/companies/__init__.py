"""Target companies, their names, honours, contacts and group tree."""
