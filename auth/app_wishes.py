"""What somebody wishes an app to be, checked: for an operator, for people of a team, and for an app
that registers itself (`registration.py`).

There are two kinds. A machine acts for its organization, without a person. An app of people acts for
whoever lets it in: where it has addresses to send them back to it asks in their browser (RFC 6749
s4.1), and where it has none it shows a code that they type elsewhere (RFC 8628).
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from auth import app_addresses, app_keys, scopes
from domain import texts
from domain.apps import AuthMethod, GrantType, RegisteredBy
from domain.errors import Invalid
from domain.words import say

LONGEST_NAME = 80
# What joins letters of some scripts, and parts of one emoji.
_JOINERS = {"\u200c", "\u200d"}


class Kind(StrEnum):
    MACHINE = "machine"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`is_public`: it runs where nothing can be kept secret, in a browser or on people's devices.
    `jwks`: it signs with keys of its own (RFC 7517), and has no secret."""

    name: str
    kind: Kind = Kind.MACHINE
    scopes: Sequence[str] = scopes.DEFAULT
    redirect_uris: Sequence[str] = ()
    is_public: bool = False
    jwks: object | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """As it will stand in its row."""

    name: str
    scopes: tuple[str, ...]
    grant_types: tuple[GrantType, ...]
    auth_method: AuthMethod
    redirect_uris: tuple[str, ...]
    jwks: dict[str, Any] | None


def checked(wish: Wish, registered_by: RegisteredBy) -> Checked:
    """Or `Invalid`, naming what will not do."""
    is_machine = wish.kind is Kind.MACHINE
    if is_machine and wish.redirect_uris:
        raise Invalid(
            "A machine sends nobody anywhere: leave the addresses out, or make it an app of people.",
            ("redirect_uris",),
        )
    if is_machine and wish.is_public:
        raise Invalid("A machine shows who it is: it has a secret or keys.", ("is_public",))
    if wish.is_public and wish.jwks is not None:
        raise Invalid("A public app has no keys: leave them out, or make it one.", ("jwks",))
    return Checked(
        name=named(wish.name),
        scopes=_machine_scopes(wish.scopes) if is_machine else _scopes(wish.scopes, registered_by),
        grant_types=(GrantType.CLIENT_CREDENTIALS,) if is_machine else _ways(wish),
        auth_method=_auth_method(wish),
        redirect_uris=app_addresses.redirect_uris(wish.redirect_uris),
        jwks=None if wish.jwks is None else app_keys.checked(wish.jwks),
    )


def named(name: str, field: str = "name") -> str:
    """One line, as it is shown to those who are asked to let the app in: with nothing in it that
    turns the text around it, or cannot be seen."""
    line = texts.line(name, (field,), LONGEST_NAME)
    for letter in line:
        if unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cn"} and letter not in _JOINERS:
            raise Invalid(
                say(
                    "%(field)s: U+%(letter)s cannot be seen, or turns text around. Leave it out.",
                    field=field,
                    letter=f"{ord(letter):04X}",
                ),
                (field,),
            )
    return line


def kind_of(grant_types: Sequence[GrantType]) -> Kind:
    return Kind.MACHINE if GrantType.CLIENT_CREDENTIALS in grant_types else Kind.PEOPLE


def _ways(wish: Wish) -> tuple[GrantType, ...]:
    asks = GrantType.AUTHORIZATION_CODE if wish.redirect_uris else GrantType.DEVICE_CODE
    return (asks, GrantType.REFRESH_TOKEN)


def _auth_method(wish: Wish) -> AuthMethod:
    if wish.is_public:
        return AuthMethod.NONE
    return AuthMethod.SECRET_BASIC if wish.jwks is None else AuthMethod.PRIVATE_KEY_JWT


def _machine_scopes(wanted: Sequence[str]) -> tuple[str, ...]:
    _require_known(wanted, scopes.FOR_MACHINES)
    beyond = sorted(set(wanted) - set(scopes.FOR_MACHINES))
    if beyond:
        raise Invalid(
            say(
                "An app that acts without a person may not have %(beyond)s.",
                beyond=", ".join(beyond),
            ),
            ("scope",),
        )
    return scopes.in_order(wanted)


def _scopes(wanted: Sequence[str], registered_by: RegisteredBy) -> tuple[str, ...]:
    _require_known(wanted, scopes.FOR_PEOPLE)
    beyond = scopes.beyond(wanted, registered_by)
    if beyond:
        raise Invalid(
            say("No person may give an app %(beyond)s.", beyond=", ".join(beyond)), ("scope",)
        )
    return scopes.in_order(wanted)


def _require_known(wanted: Sequence[str], there_are: Sequence[str]) -> None:
    unknown = scopes.unknown(wanted)
    if unknown:
        raise Invalid(
            say(
                "There is no scope %(unknown)s. There are: %(there_are)s.",
                unknown=", ".join(unknown),
                there_are=", ".join(there_are),
            ),
            ("scope",),
        )
    if not wanted:
        raise Invalid("Name at least one scope.", ("scope",))
