"""What a scan by venusian could pass over, run, or do in another order, and must not."""

import builtins
import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
import venusian

from messagebus import AsyncMessageBus, ConfigurationError, async_listen, sync_listen
from tests.messagebus.fakes import Script, Shelved, Uow
from tests.messagebus.handlers.books import register, register_blocking
from tests.messagebus.variants import Bus, Variant, carry_out

HEADER = """
import functools
from typing import Any
from messagebus import async_listen, sync_listen
from tests.messagebus.fakes import Shelved

"""
BOTH = """
@async_listen
async def see(event: Shelved, uow: Any): uow.script.play("{0}")

@sync_listen
def see_blocking(event: Shelved, uow: Any): uow.script.play("{0}")
"""
DECORATORS = '''
"""A decorator and a factory that another module uses."""

def shouted(handler):
    @functools.wraps(handler)
    def call(event, uow):
        uow.script.play("shouted")
        return handler(event, uow)
    return call

def shouted_and_awaited(handler):
    @functools.wraps(handler)
    async def call(event, uow):
        uow.script.play("shouted")
        return await handler(event, uow)
    return call

def make(step):
    @async_listen
    async def see(event: Shelved, uow: Any): uow.script.play(step)
    return see

def make_blocking(step):
    @sync_listen
    def see(event: Shelved, uow: Any): uow.script.play(step)
    return see
'''

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write modules, `package.module=code`, and return the name of the first one's package."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write_modules(**modules: str) -> str:
        for name, code in modules.items():
            parts = name.split("__of__")
            file = tmp_path.joinpath(*reversed(parts)).with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(HEADER + dedent(code), encoding="utf-8")
        importlib.invalidate_caches()
        return next(iter(modules)).split("__of__")[-1]

    return write_modules


async def saw(variant: Variant, bus: Bus, uow: Uow, script: Script) -> list[str]:
    await carry_out(variant, bus, uow, Shelved(title="Emma"))
    return script.calls[:-1]


async def test_the_program_of_a_package_is_neither_run_nor_scanned(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    package = write(
        __init____of__scan_main="",
        __main____of__scan_main="raise AssertionError('the program ran')",
        books__of__scan_main=BOTH.format("books"),
    )
    bus.scan(package)
    assert await saw(variant, bus, uow, script) == ["books"]


async def test_modules_come_in_the_package_s_order_and_handlers_as_they_are_defined(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    package = write(
        __init____of__scan_order=BOTH.format("package"),
        b__of__scan_order=BOTH.format("b").replace("see", "z") + BOTH.format("b, 2"),
        __init____of__a__of__scan_order="",
        c__of__a__of__scan_order=BOTH.format("a.c"),
    )
    bus.scan(package)
    assert await saw(variant, bus, uow, script) == ["package", "a.c", "b", "b, 2"]


async def test_a_handler_that_is_decorated_above_its_mark_is_registered_as_decorated(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    code = """
    from scan_decorators import shouted, shouted_and_awaited

    @shouted_and_awaited
    @async_listen
    async def see(event: Shelved, uow: Any): uow.script.play("saw it")

    @shouted
    @sync_listen
    def see_blocking(event: Shelved, uow: Any): uow.script.play("saw it")
    """
    bus.scan(write(scan_decorated=code, scan_decorators=DECORATORS))
    assert await saw(variant, bus, uow, script) == ["shouted", "saw it"]


async def test_a_handler_that_another_module_s_factory_made_is_registered_where_it_stands(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    code = """
    from scan_factories import make, make_blocking

    later, sooner = make("first"), make("second")
    blocking_later, blocking_sooner = make_blocking("first"), make_blocking("second")
    """
    bus.scan(write(scan_made=code, scan_factories=DECORATORS))
    assert await saw(variant, bus, uow, script) == ["first", "second"]


@pytest.mark.parametrize("line", ["from {} import see, see_blocking", "from {} import *"])
async def test_a_handler_imported_from_outside_the_scanned_package_is_registered(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write, line: str
) -> None:
    star = line[-1] == "*"
    elsewhere = f"scan_elsewhere_{star}"
    modules = {f"scan_exporting_{star}": line.format(elsewhere), elsewhere: BOTH.format("theirs")}
    bus.scan(write(**modules))
    assert await saw(variant, bus, uow, script) == ["theirs"]


async def test_a_package_that_imports_all_of_its_modules_registers_each_handler_once(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    package = write(
        __init____of__scan_all="from scan_all.b import *\nfrom scan_all.a import see as also\n"
        "from scan_all.a import see_blocking as also_blocking",
        a__of__scan_all=BOTH.format("a"),
        b__of__scan_all=BOTH.format("b"),
    )
    bus.scan(package)
    bus.scan(f"{package}.a", f"{package}.b")
    assert await saw(variant, bus, uow, script) == ["b", "a"]


async def test_a_namespace_package_can_be_scanned(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    bus.scan(write(books__of__scan_namespace=BOTH.format("books")))
    assert await saw(variant, bus, uow, script) == ["books"]


async def test_a_module_that_is_not_in_sys_modules_can_be_given_itself(
    variant: Variant,
    bus: Bus,
    uow: Uow,
    script: Script,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = importlib.import_module(write(scan_unlisted=BOTH.format("unlisted")))
    monkeypatch.delitem(sys.modules, "scan_unlisted")
    bus.scan(module)
    assert await saw(variant, bus, uow, script) == ["unlisted"]


async def test_a_partial_and_a_callable_object_can_be_marked(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    code = """
    async def see(step: str, event: Shelved, uow: Any): uow.script.play(step)
    def see_blocking(step: str, event: Shelved, uow: Any): uow.script.play(step)

    class See:
        async def __call__(self, event: Shelved, uow: Any): uow.script.play("object")

    class SeeBlocking:
        def __call__(self, event: Shelved, uow: Any): uow.script.play("object")

    partial = async_listen(functools.partial(see, "partial"))
    blocking_partial = sync_listen(functools.partial(see_blocking, "partial"))
    called, called_blocking = async_listen(See()), sync_listen(SeeBlocking())
    """
    bus.scan(write(scan_objects=code))
    assert await saw(variant, bus, uow, script) == ["partial", "object"]


async def test_two_marks_register_once(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    code = BOTH.format("saw it").replace("@async_listen", "@async_listen\n@async_listen")
    bus.scan(write(scan_marked_twice=code.replace("@sync_listen", "@sync_listen\n@sync_listen")))
    assert await saw(variant, bus, uow, script) == ["saw it"]


PROXIES = """
from unittest.mock import MagicMock, call
from xmlrpc.client import ServerProxy

class Remote:
    "Has each attribute, is called by whoever calls it, and says so."
    def __getattr__(self, name): return self
    def __call__(self, *args): raise AssertionError("a scan calls nothing")

class Silent(Remote):
    def __call__(self, *args): return self

class OutOfReach:
    "As the request of a web framework is, outside of one."
    @property
    def __dict__(self): raise RuntimeError("no request")
    def __getattr__(self, name): raise RuntimeError("no request")

remote, silent, request, mock = Remote(), Silent(), OutOfReach(), MagicMock()
server = ServerProxy("http://127.0.0.1:9/")
"""


async def test_a_module_may_hold_what_answers_every_attribute(
    variant: Variant, bus: Bus, uow: Uow, script: Script, write: Write
) -> None:
    bus.scan(write(scan_proxies=PROXIES + BOTH.format("saw it")))
    assert await saw(variant, bus, uow, script) == ["saw it"]


def test_a_value_error_while_a_handler_is_registered_is_not_swallowed(
    bus: Bus, write: Write
) -> None:
    code = BOTH.format("") + "see.__wrapped__ = see\nsee_blocking.__wrapped__ = see_blocking\n"
    with pytest.raises(ConfigurationError, match=r"scan_loop\.see.*it wraps itself"):
        bus.scan(write(scan_loop=code))


@pytest.mark.parametrize("error", ["ImportError", "ValueError", "AttributeError", "SystemExit"])
def test_an_error_raised_during_an_import_is_raised_by_the_scan(
    bus: Bus, write: Write, error: str
) -> None:
    modules = {
        f"__init____of__scan_{error}": "",
        f"a__of__scan_{error}": BOTH.format(""),
        f"b__of__scan_{error}": f"raise {error}('its own words')",
    }
    with pytest.raises(vars(builtins)[error], match="its own words"):
        bus.scan(write(**modules))


def test_a_mark_is_one_of_venusian_s_in_the_module_of_the_handler() -> None:
    found: list[Callable[..., object]] = []
    for category in ("messagebus.async", "messagebus.sync"):
        scanner = venusian.Scanner(report=found.append)
        scanner.scan(importlib.import_module("tests.messagebus.handlers.books"), [category])
    assert found == [register, register_blocking]


def test_a_function_that_is_marked_inside_another_one_stays_a_handler_of_its_module() -> None:
    @async_listen
    async def see(event: Shelved, uow: Uow) -> None: ...

    def mark() -> None:
        sync_listen(see_blocking)

    def see_blocking(event: Shelved, uow: Uow) -> None: ...

    mark()
    for handler in (see, see_blocking):
        ((_, module, *_),) = next(iter(vars(handler)["__venusian_callbacks__"].values()))
        assert module == __name__


class Slotted:
    __slots__ = ()

    def __call__(self, event: Shelved, uow: Uow) -> None: ...


@pytest.mark.parametrize("listen", [async_listen, sync_listen])
@pytest.mark.parametrize("unmarkable", [Slotted(), print], ids=["slots", "builtin"])
def test_an_object_that_cannot_be_marked_is_refused(
    listen: Callable[..., object], unmarkable: object
) -> None:
    with pytest.raises(ConfigurationError, match=r"takes no attributes .*write a function"):
        listen(unmarkable)


def test_a_class_is_no_handler() -> None:
    with pytest.raises(ConfigurationError, match=r"Slotted is a class; .*write a function"):
        async_listen(Slotted)


def test_a_mark_inside_a_class_is_refused_whatever_it_is_on(bus: Bus, write: Write) -> None:
    code = """
    async def see(step: str, event: Shelved, uow: Any): ...

    class Clerk:
        see_it = async_listen(functools.partial(see, "it"))
    """
    with pytest.raises(ConfigurationError, match=r"see is marked inside a class; .*mark it there"):
        bus.scan(write(scan_in_a_class=code))


def test_a_refused_method_is_left_without_a_mark() -> None:
    class Clerk:
        async def see(self, event: Shelved, uow: Uow) -> None: ...

    with pytest.raises(ConfigurationError):
        async_listen(Clerk.see)
    assert not vars(Clerk.see)
    assert not [name for name in vars(Clerk) if "venusian" in name]


async def test_a_function_that_is_marked_for_both_variants_is_found_by_each_bus(
    write: Write,
) -> None:
    code = "@sync_listen\n@async_listen\nasync def see(event: Shelved, uow: Any): ...\n"
    module = write(scan_both=code)
    bus = AsyncMessageBus()
    bus.scan(module)
    assert [event.__name__ for event in bus.listeners] == ["Shelved"]


def test_venusian_is_imported_at_the_first_mark_or_scan() -> None:
    code = """
import sys, messagebus
bus = messagebus.SyncMessageBus()
class Lent(messagebus.Event): ...
def see(event: Lent, uow: messagebus.SyncAbstractUnitOfWork): ...
bus.add_listener(Lent, see)
print("venusian" in sys.modules)
messagebus.sync_listen(see)
print("venusian" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]
