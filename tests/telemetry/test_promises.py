"""A bus that is watched keeps what the plain one promises: the bus's own tests, once more."""

from types import ModuleType

from tests.messagebus import (
    test_commit_and_publication,
    test_detach,
    test_dispatch,
    test_dropped_messages,
    test_eventstore,
    test_generations,
    test_hooks_and_dependencies,
    test_registration,
    test_rollback,
    test_transaction,
)

MODULES: tuple[ModuleType, ...] = (
    test_commit_and_publication,
    test_detach,
    test_dispatch,
    test_dropped_messages,
    test_eventstore,
    test_generations,
    test_hooks_and_dependencies,
    test_registration,
    test_rollback,
    test_transaction,
)

for _module in MODULES:
    _tests = {name: each for name, each in vars(_module).items() if name.startswith("test_")}
    assert _tests
    globals().update(_tests)
