"""What `messagebus` says it exports is what it exports."""

import inspect
import subprocess
import sys

import messagebus

PAIRED = [
    "AbstractEventstoreRepository",
    "AbstractEventstreamTransport",
    "AbstractRepository",
    "AbstractUnitOfWork",
    "Dependency",
    "EventstreamPublisher",
    "MessageBus",
    "SinkholeEventstoreRepository",
    "SinkholeEventstreamTransport",
]
SHARED = [
    "AbstractMessageSerializer",
    "Command",
    "ConfigurationError",
    "Event",
    "Field",
    "GenericCommand",
    "GenericEvent",
    "GenericModel",
    "Message",
    "MessageBusError",
    "MessageLoopError",
    "MessageSerializer",
    "Metadata",
    "MissingDependencyError",
    "Model",
    "PublicationError",
    "TransactionError",
    "TransactionStatus",
    "UnhandledCommandError",
]


def test_all_names_are_sorted_and_the_blocking_ones_come_last() -> None:
    blocking = [name for name in messagebus.__all__ if name.lower().startswith("sync")]
    others = [name for name in messagebus.__all__ if name not in blocking]
    assert messagebus.__all__ == [*sorted(others), *sorted(blocking)]


def test_all_is_what_a_user_needs_and_no_more() -> None:
    pairs = [f"{variant}{name}" for variant in ("Async", "Sync") for name in PAIRED]
    listen = ["async_listen", "sync_listen"]
    assert set(messagebus.__all__) == {*pairs, *SHARED, *listen}


def test_every_name_is_there_and_no_other_is_public() -> None:
    public = {
        name
        for name, value in vars(messagebus).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public == set(messagebus.__all__)


def test_every_public_name_is_documented() -> None:
    own = [name for name in messagebus.__all__ if name != "Field"]
    assert [name for name in own if not inspect.getdoc(getattr(messagebus, name))] == []


def test_every_async_name_has_a_sync_variant_with_the_same_methods() -> None:
    for name in PAIRED:
        methods = [
            {each for each in dir(getattr(messagebus, f"{variant}{name}")) if each[0] != "_"}
            for variant in ("Async", "Sync")
        ]
        assert methods[0] == methods[1], name


def test_importing_the_bus_imports_neither_pytest_nor_a_database() -> None:
    code = "import sys, messagebus; print({'pytest', 'sqlalchemy'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_every_name_reports_messagebus_as_its_module() -> None:
    own = [name for name in messagebus.__all__ if name != "Field"]
    assert {getattr(messagebus, name).__module__ for name in own} == {"messagebus"}
