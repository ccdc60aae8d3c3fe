"""The club's ports in memory: storage that a test can afford."""
