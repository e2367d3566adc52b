"""What several changes are given: places, contacts, names in other systems; and how a change
ends: with the thing as it stands, or with refusals as data."""

from collections.abc import Awaitable
from dataclasses import fields
from enum import Enum
from typing import Any, Protocol, runtime_checkable

import strawberry
from strawberry import UNSET

from domain.errors import Passing, Problem, Stale
from domain.identifiers import Identifier
from domain.people import Contact
from domain.places import Place, PlacePrecision
from schema.loading import Row, by_id
from schema.reading import Asking
from schema.scalars import URL, EmailAddress
from schema.shared import UserError


@runtime_checkable
class _Valued(Protocol):
    """An input that knows the domain value it stands for."""

    def value(self) -> Any: ...


def optional(description: str, default: Any = UNSET) -> Any:
    """Left out, it stays as it is, or as it is by default; null empties it, where it may be."""
    return strawberry.field(description=description, default=default)


def required(description: str) -> Any:
    return strawberry.field(description=description)


@strawberry.input(description="Where something is or happens. A position needs both its numbers.")
class PlaceInput:
    name: str | None = optional("What the place is called.")
    street_address: str | None = optional("Street and number.")
    locality: str | None = optional("Town or city.")
    region: str | None = optional("State, province or county.")
    postal_code: str | None = optional("Postal code.")
    country: str | None = optional("Country, two letters (ISO 3166-1): DE, KE.")
    latitude: float | None = optional("Degrees north of the equator (WGS 84).")
    longitude: float | None = optional("Degrees east of Greenwich (WGS 84).")
    precision: PlacePrecision | None = optional(
        "How precisely it may be known. What is finer is not kept.", PlacePrecision.PRECISE
    )

    def value(self) -> Place:
        return Place(**(values(self, {"precision": PlacePrecision.PRECISE})))


@strawberry.input(description="How to reach somebody.")
class ContactInput:
    name: str | None = optional("Whom to ask for.")
    email: EmailAddress | None = optional("Their e-mail address.")
    telephone: str | None = optional("Their telephone number.")
    url: URL | None = optional("A page to reach them by.")

    def value(self) -> Contact:
        return Contact(**values(self))


@strawberry.input(description="A name that the thing bears in another system.")
class IdentifierInput:
    system: str = required("The other system: `mobilize`, `ical`.")
    value: str = required("What it is called there.")

    def identifier(self) -> Identifier:
        return Identifier(self.system, self.value)


def values(given: Any, defaults: dict[str, Any] | None = None) -> dict[str, Any]:
    """The parts of an input that were given, as domain values. A null of a part with a default
    is the default."""
    found: dict[str, Any] = {}
    for part in fields(given):
        value = getattr(given, part.name)
        if value is UNSET:
            continue
        if value is None and defaults and part.name in defaults:
            value = defaults[part.name]
        found[part.name] = _value(value)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_value(one) for one in value)
    if isinstance(value, IdentifierInput):
        return value.identifier()
    if isinstance(value, _Valued) and not isinstance(value, Enum):
        return value.value()
    return value


def renamed(given: dict[str, Any], **names: str) -> dict[str, Any]:
    """The use cases say `organization_id` where the contract says `organization`."""
    return {names.get(name, name): value for name, value in given.items()}


def without_nulls(given: dict[str, Any]) -> dict[str, Any]:
    """What is made new has nothing to be emptied: null is the same as left out."""
    return {name: value for name, value in given.items() if value is not None}


async def outcome(
    info: Asking, type_name: str, work: Awaitable[str | None], changing: str | None = None
) -> tuple[Row | None, list[UserError]]:
    """The thing as it stands after the work, or why it was not done. A refusal because somebody
    was first comes with the thing `changing` as it stands now. Raises `Passing`."""
    try:
        return await by_id(info.context, type_name, await work), []
    except Passing:
        raise
    except Problem as problem:
        current = None
        if isinstance(problem, Stale):
            current = await by_id(info.context, type_name, changing)
        info.context.reasons.append(problem.message)
        refusal = UserError(
            code=problem.code,
            field=list(problem.field) or None,
            message=problem.message,
        )
        return current, [refusal]
