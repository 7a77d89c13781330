"""Judged queries and the corpus they are judged on; see `queries.yaml`."""
