"""Full-text search over documents that the application describes; knows nothing of the application."""
