"""People, and how somebody can be reached."""

import re
from dataclasses import dataclass, replace

from domain import texts
from domain.errors import Invalid
from domain.words import say

# What is before and after the @ is the mail server's business (RFC 5321 s4.1.2, s4.5.3.1.3).
_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,189}")
_TELEPHONE = re.compile(r"[+0-9][0-9 ().,;#*/x-]{1,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Contact:
    name: str | None = None
    email: str | None = None
    telephone: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: str
    display_name: str
    preferred_language: str | None = None
    contact: Contact | None = None


def require_at_home(person_id: str, authority: str, field: tuple[str, ...]) -> None:
    """Teams, and what is signed in to, are for people of this hub: whoever acts here by the word of
    another one is known by that alone."""
    home = person_id.partition("@")[2]
    if home != authority:
        raise Invalid(
            say(
                "They are at home at another hub, %(home)s: they sign in and stand in teams there.",
                home=home,
            ),
            field,
        )


def checked(given: Person) -> Person:
    """The person with their words put in order, or `Invalid` naming the field."""
    spoken = given.preferred_language
    return replace(
        given,
        display_name=texts.line(given.display_name, ("displayName",)),
        preferred_language=texts.language(spoken, ("preferredLanguage",)) if spoken else None,
        contact=reachable(given.contact),
    )


def email_address(given: str, field: tuple[str, ...]) -> str:
    """The address, or `Invalid` naming the field."""
    if not _EMAIL.fullmatch(given):
        raise Invalid("An email address looks like anna@pantry.example.", field)
    return given


def reachable(given: Contact | None, field: tuple[str, ...] = ("contact",)) -> Contact | None:
    """The contact put in order, None where it says nothing, or `Invalid` naming the field."""
    if given is None:
        return None
    email = texts.optional_line(given.email, (*field, "email"))
    if email is not None:
        email = email_address(email, (*field, "email"))
    telephone = texts.optional_line(given.telephone, (*field, "telephone"))
    if telephone is not None and not _TELEPHONE.fullmatch(telephone):
        raise Invalid("A telephone number looks like +1 812 555 0100.", (*field, "telephone"))
    put_in_order = Contact(
        name=texts.optional_line(given.name, (*field, "name")),
        email=email,
        telephone=telephone,
        url=texts.web_address(given.url, (*field, "url")),
    )
    return None if put_in_order == Contact() else put_in_order
