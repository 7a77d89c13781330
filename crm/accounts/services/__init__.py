"""The use cases of accounts: signing in, people and teams, one's own settings, the zone's rules."""
