"""The original messagebus, whose event store is called message store."""

from bench.workers.dispatching import AsyncShelf, AsyncWire, SyncShelf, SyncWire, works
from bench.workers.serving import serve
from messagebus import (
    AsyncEventstreamPublisher,
    AsyncSinkholeMessageStoreRepository,
    SyncEventstreamPublisher,
    SyncSinkholeMessageStoreRepository,
)


def open_async(wire: AsyncWire) -> AsyncShelf:
    shelf = AsyncShelf()
    shelf.messagestore = AsyncSinkholeMessageStoreRepository(AsyncEventstreamPublisher(wire))
    return shelf


def open_sync(wire: SyncWire) -> SyncShelf:
    shelf = SyncShelf()
    shelf.messagestore = SyncSinkholeMessageStoreRepository(SyncEventstreamPublisher(wire))
    return shelf


serve(works(open_async, open_sync))
