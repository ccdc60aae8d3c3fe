"""What runs in a process of its own and waits for its turn."""
