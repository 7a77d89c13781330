"""The engine that needs nothing installed: SQLite FTS5 over our own bigrams, in its own files."""

from search.backends.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
