"""The club's storage: SQL behind the service's ports."""
