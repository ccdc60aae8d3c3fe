"""A model's name as Python writes it, as a table is called, and as people say it."""

import re
from collections.abc import Mapping, Sequence

import inflect

PARTS = re.compile(
    r"[A-Z]{2,}(?:s|es)(?![a-z0-9])"  # SKUs, SMSes
    r"|[A-Z]+[0-9]*(?![a-z0-9])"  # SKU, the API of APIKey, the S3 of S3Bucket
    r"|[A-Z][a-z0-9]+"  # Parcel
)

_english = inflect.engine()
_english.defan("(?-i:[AEFHILMNORSX][0-9]).*")  # an S3 bucket
_english.defa("(?-i:U[A-Z]).*")  # a URL, as one says its first letter


def parts(name: str) -> Sequence[str]:
    """`APIKey` as `API` and `Key`; nothing where `name` is not written in capitalised words."""
    found = PARTS.findall(name)
    return found if "".join(found) == name and len(name) > 1 else []


def snake(name: str) -> str:
    """`LostParcel` as `lost_parcel`, `APIKey` as `api_key`."""
    return "_".join(parts(name)).lower()


def spoken(name: str) -> str:
    """`PurchaseOrder` as `purchase order`, `APIKey` as `API key`."""
    return " ".join(part if _is_acronym(part) else part.lower() for part in parts(name))


def english_plural(name: str) -> str:
    """`Category` as `Categories`, `SKU` as `SKUs`, `Series` as it is."""
    *before, last = parts(name)
    if _is_acronym(last):
        return "".join([*before, last, "es" if last.endswith("S") else "s"])
    return "".join([*before, _english.plural_noun(last.lower()).capitalize()])


def plural_of(name: str) -> str:
    """The English plural, or `SeriesList` where that says nothing that the name does not."""
    plural = english_plural(name)
    return plural if snake(plural) != snake(name) else f"{name}List"


def answers(aggregate: str, plural: str) -> Mapping[str, str]:
    """What the template's blanks for the model say."""
    one = spoken(aggregate)
    listed = snake(english_plural(aggregate)) == snake(aggregate)
    many = one if listed else spoken(plural)
    return {
        "Aggregate": aggregate,
        "Aggregates": plural,
        "aggregate": snake(aggregate),
        "aggregates": snake(plural),
        "slug": snake(aggregate).replace("_", "-"),
        "word": one,
        "a_word": _english.a(one),
        "A_word": _started(_english.a(one)),
        "Word": _started(one),
        "words": many,
        "Words": _started(many),
    }


def _started(words: str) -> str:
    return words[:1].upper() + words[1:]


def _is_acronym(part: str) -> bool:
    return not part[1:2].islower()
