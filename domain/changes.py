"""A change to a thing: the fields that were given, and no others.

A field that is left out stays as it is; one given as null is emptied, where it may be empty.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.errors import Invalid, Stale
from domain.words import say


def contract_name(attribute: str) -> str:
    """What the contract calls it: `starts_at` is startsAt."""
    first, *rest = attribute.split("_")
    return first + "".join(word.title() for word in rest)


def given(changes: Mapping[str, object], emptied: Mapping[str, object]) -> dict[str, Any]:
    """The values to set; `emptied` says which fields may be empty, and what they hold then."""
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if value is None and name not in emptied:
            field = contract_name(name)
            raise Invalid(
                say("%(field)s cannot be empty; leave it out to keep it as it is.", field=field),
                (field,),
            )
        values[name] = emptied[name] if value is None else value
    return values


def require_current(version: int, seen: int) -> None:
    """Said before a change is judged; storage says it again as it writes."""
    if version != seen:
        raise stale()


def stale() -> Stale:
    return Stale(
        "Somebody changed it since you looked. Read it again, and repeat your change on it as it "
        "is now.",
        ("version",),
    )


def contract_names(attributes: Iterable[str]) -> list[str]:
    return sorted(contract_name(attribute) for attribute in attributes)
