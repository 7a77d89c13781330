"""The use cases of finding: saved searches, trade terms, tasks on the index."""
