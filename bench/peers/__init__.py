"""The peers' workers, each for an environment of its own.

The type checkers leave this folder out: what it imports is installed in those environments alone,
and what the original calls `messagebus` would be taken for ours.
"""
