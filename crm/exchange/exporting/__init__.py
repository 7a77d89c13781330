"""Reads records as the values of file columns, kind by kind."""
