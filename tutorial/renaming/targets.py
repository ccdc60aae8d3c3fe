"""What a rename means: `MODULE:NAME`, `MODULE:Class.member`, `MODULE:function.local`, or a word."""

from collections.abc import Collection
from dataclasses import dataclass

from tutorial.errors import TutorialError
from tutorial.renaming.index import Index
from tutorial.renaming.tree import Tree, module_of


@dataclass(frozen=True)
class Target:
    """The identifier `old`, where a file means one of these full names by it."""

    old: str
    new: str
    names: Collection[str] = ()
    """Full names of modules' members, of classes' members and of locals."""

    owners: Collection[str] = ()
    """Classes that have it as a member: what they, and their instances, have is meant."""

    callables: Collection[str] = ()
    """What is called with it as a keyword."""

    everywhere: bool = False
    """Each identifier of that name is meant, unless it is one of these modules."""

    modules: Collection[str] = ()

    guess: bool = False
    """No class but its owners has such a member, so an instance that nothing declares is one."""


def target_of(tree: Tree, old: str, new: str, guess: bool = False) -> Target:
    """What `old` spells: a word alone is every identifier of that name."""
    place, colon, name = old.rpartition(":")
    if not all(part.isidentifier() for part in [*name.split("."), new]):
        rule = f"{name} or {new} is no identifier"
        raise TutorialError(old, rule, "Name PATH PATH, or MODULE:NAME NEW, or WORD NEW")
    if not colon:
        if "." in name:
            raise TutorialError(old, "a dotted name needs its module", f"Write MODULE:{name}")
        modules = {module_of(tree.state_path(path)) for path, _ in tree.python()}
        return Target(old, new, everywhere=True, modules=modules)
    index = Index(tree)
    module = module_of(place)
    owner, last = _owner(index, module, name)
    if owner in index.classes:
        return _member(index, owner, last, new, guess)
    full = f"{owner}.<locals>.{last}" if owner in index.functions else f"{owner}.{last}"
    if owner not in index.functions and full not in index.names:
        raise TutorialError(old, f"{owner} has no {last}", "Name what some form of it defines")
    if owner not in index.functions:
        names = {each for each in index.aliases(full) if each.endswith(f".{last}")}
        return Target(last, new, names)
    return _local(index, owner, last, new)


def _owner(index: Index, module: str, name: str) -> tuple[str, str]:
    """The full name of what holds it, and the name that it has there."""
    *above, last = name.split(".")
    owner = module
    for part in above:
        step = ".<locals>" if owner in index.functions else ""
        owner = f"{owner}{step}.{part}"
        if owner not in index.classes and owner not in index.functions:
            rule = "no form of that module has it"
            raise TutorialError(f"{module}:{name}", rule, "Name a class or a function")
    return owner, last


def _member(index: Index, owner: str, name: str, new: str, guess: bool) -> Target:
    family = index.family(owner, name)
    members = [index.classes[each] for each in family if each in index.classes]
    if not any(name in each.attributes for each in members):
        raise TutorialError(owner, f"it has no {name}", "Name an attribute that it defines")
    others = {c for c, found in index.classes.items() if name in found.attributes} - family
    return Target(
        name,
        new,
        names={f"{each}.{name}" for each in family},
        owners=family,
        callables=family,
        guess=guess or not others,
    )


def _local(index: Index, function: str, name: str, new: str) -> Target:
    """A local or a parameter, with the overrides of a method that have it too."""
    owner, _, method = function.rpartition(".")
    if owner not in index.classes:
        return Target(name, new, {f"{function}.<locals>.{name}"}, callables=index.aliases(function))
    family = index.family(owner, method)
    calls = family if method in ("__init__", "__new__") else set[str]()
    return Target(
        name,
        new,
        names={f"{each}.{method}.<locals>.{name}" for each in family},
        callables=calls | {f"{each}.{method}" for each in family},
    )
