"""What of the environment a new service's owner is taken to have."""

import os

KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "TEST_POSTGRESQL_URL",
    "PIP_INDEX_URL",
    "PIP_CONFIG_FILE",
    "UV_DEFAULT_INDEX",
    "UV_CONFIG_FILE",
)


def bare() -> dict[str, str]:
    """Where the packages and the services are, and nothing of our own."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}
