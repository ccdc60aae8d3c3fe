"""What the club does: ports to its storage, and handlers for its messages."""
