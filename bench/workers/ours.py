"""The bus of this project: the work in either variant."""

from bench.workers.dispatching import AsyncShelf, AsyncWire, SyncShelf, SyncWire, works
from bench.workers.serving import serve
from messagebus import (
    AsyncEventstreamPublisher,
    AsyncSinkholeEventstoreRepository,
    SyncEventstreamPublisher,
    SyncSinkholeEventstoreRepository,
)


def open_async(wire: AsyncWire) -> AsyncShelf:
    shelf = AsyncShelf()
    shelf.eventstore = AsyncSinkholeEventstoreRepository(AsyncEventstreamPublisher(wire))
    return shelf


def open_sync(wire: SyncWire) -> SyncShelf:
    shelf = SyncShelf()
    shelf.eventstore = SyncSinkholeEventstoreRepository(SyncEventstreamPublisher(wire))
    return shelf


if __name__ == "__main__":
    serve(works(open_async, open_sync))
