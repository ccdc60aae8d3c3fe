"""How people and processes reach the newsletter."""
