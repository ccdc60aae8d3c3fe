"""The club's language: its models, its messages and its rules, and nothing of storage."""
