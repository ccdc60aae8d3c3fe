import pytest

from messagebus import Bus


async def test_nobody_listens() -> None:
    with pytest.raises(KeyError):
        await Bus().handle("a word")
