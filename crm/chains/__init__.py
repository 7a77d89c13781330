"""Industry chains and the nodes that companies are tagged with."""
