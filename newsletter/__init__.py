"""A newsletter about the reading club, which knows the club by its messages alone."""
