"""Users, teams, roles, sign-in, tokens."""
