"""Workers run in their own processes and wait for their turn."""
