"""The HTTP entrypoint, by FastAPI: a route makes a command, and answers with its result."""
