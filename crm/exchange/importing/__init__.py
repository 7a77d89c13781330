"""Takes files over, kind by kind, through the services that pages use."""
