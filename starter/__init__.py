"""The starter: a service of one's own, written from the club's files."""
