"""The entrypoints of the club, through which people and other programs use it."""
