"""What a conftest.py needs of the bus."""

pytest_plugins = ["messagebus.testing"]
