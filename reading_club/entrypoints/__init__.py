"""The entrypoints of the club: the command line and HTTP."""
