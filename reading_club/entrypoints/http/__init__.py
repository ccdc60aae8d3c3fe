"""The HTTP door, by FastAPI: a route makes a command of a request, and an answer of its result."""
