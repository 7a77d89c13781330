"""Finding across all records: the search page and suggestions."""
