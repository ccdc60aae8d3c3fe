import pytest

from tests.memory.uow import InMemoryUnitOfWork
from tests.tutorial.test_detached import begin


async def test_an_answer_that_breaks_before_its_first_line_frees_the_unit_of_work(
    uow: InMemoryUnitOfWork,
) -> None:
    with pytest.raises(UnicodeEncodeError):
        await begin(uow, "Frühling")

    async with uow as transaction:
        await transaction.commit()
