"""How often a test of many at once is played: three times, or fifty by `nox -s tests -- --all`."""

import os

ROUNDS = 50 if os.environ.get("MESSAGEBUS_ALL_ROUNDS") else 3
