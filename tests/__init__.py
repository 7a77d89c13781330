"""The tests: unit (no database), integration (both databases), search, browser, architecture."""
