from messagebus import Bus
from reading_club.shelf import Shelf


class Arrived(str):
    """A title that came with the post."""


async def test_the_bus_puts_what_arrives_on_the_shelf() -> None:
    shelf = Shelf()

    async def put(message: object) -> None:
        shelf.add(str(message))

    bus = Bus()
    bus.listen(Arrived, put)
    await bus.handle(Arrived("Refactoring"))
    assert shelf.titles == ["Refactoring"]
