"""Two ways to type one name."""

from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterReviewer
from reading_club.service.uow import AbstractUnitOfWork

ONE_CHARACTER = "Ren\N{LATIN SMALL LETTER E WITH ACUTE}"
WITH_AN_ACCENT = "Rene\N{COMBINING ACUTE ACCENT}"


async def test_a_name_that_looks_the_same_is_taken(
    each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with each_uow as transaction:
        one = RegisterReviewer(id=uuidgen(1), name=ONE_CHARACTER)
        other = RegisterReviewer(id=uuidgen(2), name=f" {WITH_AN_ACCENT}\N{ZERO WIDTH SPACE}")
        assert (await bus.handle(one, transaction)).is_ok()
        assert (await bus.handle(other, transaction)).is_err()
        found = await transaction.reviewers.by_name(WITH_AN_ACCENT)
        await transaction.rollback()
    assert found.unwrap().id == one.id


def test_a_kept_command_is_read_as_it_was() -> None:
    text = f'{{"id": "{uuidgen(2)}", "name": "{WITH_AN_ACCENT}"}}'
    assert RegisterReviewer.model_validate_json(text).name == WITH_AN_ACCENT
