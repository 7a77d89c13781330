"""The pages of finding: the search itself, saved searches, synonyms, operations."""

from crm.find.routes import operations, saved, search, synonyms
from crm.find.routes.blueprint import bp

__all__ = ["bp", "operations", "saved", "search", "synonyms"]
