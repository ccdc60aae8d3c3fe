"""Marked handlers are found in modules and below packages, each variant by its own bus."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from messagebus import ConfigurationError, async_listen, sync_listen
from tests.messagebus import handlers
from tests.messagebus.fakes import Register, Registered, Script, Shelved, Uow
from tests.messagebus.handlers.books import register, register_blocking
from tests.messagebus.variants import AsyncVariant, Bus, Variant, carry_out

HANDLERS = "tests.messagebus.handlers"


async def test_a_package_is_scanned_with_all_below_it(
    variant: Variant, bus: Bus, uow: Uow, script: Script
) -> None:
    bus.scan(HANDLERS)
    answer = await carry_out(variant, bus, uow, Register(title="Emma"))
    assert answer.startswith("Emma, ")
    assert script.calls == ["saw Shelved", "commit"]


async def test_each_bus_finds_the_handlers_of_its_variant(
    variant: Variant, bus: Bus, uow: Uow
) -> None:
    bus.scan(HANDLERS)
    kind = "asynchronously" if isinstance(variant, AsyncVariant) else "blocking"
    assert await carry_out(variant, bus, uow, Register(title="Emma")) == f"Emma, {kind}"


async def test_a_module_can_be_given_itself(variant: Variant, bus: Bus, uow: Uow) -> None:
    bus.scan(handlers)
    assert await carry_out(variant, bus, uow, Register(title="Emma"))


async def test_several_modules_can_be_given(
    variant: Variant, bus: Bus, uow: Uow, script: Script
) -> None:
    bus.scan(f"{HANDLERS}.books", f"{HANDLERS}.deeper.shelves")
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert script.calls == ["saw Shelved", "commit"]


async def test_scanning_twice_registers_once(
    variant: Variant, bus: Bus, uow: Uow, script: Script
) -> None:
    bus.scan(HANDLERS, HANDLERS)
    bus.scan(HANDLERS, f"{HANDLERS}.deeper")
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert script.calls == ["saw Shelved", "commit"]


async def test_a_scanned_handler_listens_to_each_message_of_its_union(
    variant: Variant, bus: Bus, uow: Uow, script: Script
) -> None:
    bus.scan(f"{HANDLERS}.deeper.shelves")
    await carry_out(variant, bus, uow, Registered(title="Emma"))
    assert script.calls == ["saw Registered", "commit", "send Emma"]


def test_a_scanned_handler_can_be_removed(variant: Variant, bus: Bus) -> None:
    bus.scan(f"{HANDLERS}.books")
    bus.remove_listener(
        Register, register if isinstance(variant, AsyncVariant) else register_blocking
    )


def test_marking_a_handler_returns_it_as_it_was() -> None:
    async def see(event: Registered, uow: Uow) -> None: ...

    def see_blocking(event: Registered, uow: Uow) -> None: ...

    assert async_listen(see) is see
    assert sync_listen(see_blocking) is see_blocking


@pytest.mark.parametrize("module", ["no_such_package", f"{HANDLERS}.missing"])
def test_a_module_that_is_not_there_is_named(bus: Bus, module: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=module):
        bus.scan(module)


HEADER = """
from typing import Any
from messagebus import async_listen, sync_listen
from tests.messagebus.fakes import Register, Shelved
"""


def write(folder: Path, name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> str:
    (folder / f"{name}.py").write_text(HEADER + dedent(code), encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


@pytest.mark.parametrize(
    ("name", "annotation"),
    [("bare", ""), ("text", ": str"), ("missing", ": 'Missing'"), ("anything", ": Any")],
)
def test_an_unusable_annotation_is_refused_with_module_and_function(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, annotation: str
) -> None:
    code = f"""
    @async_listen
    async def broken(cmd{annotation}, uow): ...

    @sync_listen
    def broken_blocking(cmd{annotation}, uow): ...
    """
    module = write(tmp_path, f"handlers_{name}", code, monkeypatch)
    with pytest.raises(ConfigurationError, match=rf"{module}\.broken(_blocking)?: "):
        bus.scan(module)


def test_a_handler_marked_for_the_other_variant_is_refused(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
    @async_listen
    def blocks(cmd: Register, uow): ...

    @sync_listen
    async def waits(cmd: Register, uow): ...
    """
    module = write(tmp_path, "handlers_of_the_other_variant", code, monkeypatch)
    with pytest.raises(ConfigurationError, match=rf"{module}\.(blocks|waits) is a"):
        bus.scan(module)


def test_an_import_that_fails_inside_a_module_is_its_own_error(
    bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = write(tmp_path, "handlers_with_a_bad_import", "import no_such_thing", monkeypatch)
    with pytest.raises(ModuleNotFoundError, match="no_such_thing"):
        bus.scan(module)


def test_a_scan_that_finds_nothing_is_refused(bus: Bus) -> None:
    with pytest.raises(ConfigurationError, match=r"tests\.messagebus\.variants has no handler for"):
        bus.scan("tests.messagebus.variants")


def test_a_marked_method_which_no_scan_would_find_is_refused() -> None:
    class Clerk:
        async def see(self, event: Registered, uow: Uow) -> None: ...

    with pytest.raises(ConfigurationError, match=r"Clerk\.see is a method; .*write a function"):
        async_listen(Clerk.see)


async def test_handlers_are_registered_in_the_order_of_their_definition(
    variant: Variant,
    bus: Bus,
    uow: Uow,
    script: Script,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = """
    @async_listen
    async def second_by_name(event: Shelved, uow: Any): uow.script.play("first")

    @async_listen
    async def first_by_name(event: Shelved, uow: Any): uow.script.play("second")

    @sync_listen
    def blocking_second(event: Shelved, uow: Any): uow.script.play("first")

    @sync_listen
    def blocking_first(event: Shelved, uow: Any): uow.script.play("second")
    """
    bus.scan(write(tmp_path, "handlers_in_order", code, monkeypatch))
    await carry_out(variant, bus, uow, Shelved(title="Emma"))
    assert script.calls == ["first", "second", "commit"]
