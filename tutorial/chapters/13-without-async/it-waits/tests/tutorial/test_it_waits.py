import asyncio

import pytest

from messagebus import ConfigurationError
from messagebus.variants import run_sync


async def ask_somebody() -> str:
    await asyncio.sleep(0)
    return "an answer"


def test_a_coroutine_that_waits_is_refused_and_named() -> None:
    with pytest.raises(ConfigurationError, match=r"ask_somebody .* waited for an event loop"):
        run_sync(ask_somebody())
