"""What a person is shown of an app that asks to be let in, and what they answered.

The same on the consent page (`consent.py`) and on the device page (`device.py`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from auth import scopes
from auth.authorizing import Place
from domain.apps import RegisteredBy
from domain.errors import Invalid
from languages import gettext as _
from storage.credentials import Client
from web.account import words

ALLOW, SOMEBODY_ELSE = "allow", "somebody-else"  # every other answer is no
STAYING = "offline_access"
_BOX = "scope:"
_CHANGES = (":write", ":publish", ":hosts", ":agree", ":admin")


@dataclass(frozen=True, slots=True)
class Line:
    """One scope, with its box."""

    name: str
    words: str
    is_needed: bool
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Group:
    heading: str
    said: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class View:
    """An app that asks."""

    name: str
    organization: str | None
    is_unverified: bool
    is_built_in: bool
    since: str
    places: Sequence[Place]
    chosen: str | None
    groups: Sequence[Group]
    staying: Line | None
    kept_from_it: Sequence[str]

    @classmethod
    def of(
        cls,
        client: Client,
        asked: Collection[str],
        places: Sequence[Place],
        answer: "Answer | None" = None,
    ) -> Self:
        """With the boxes as they were `answer`ed; all of them ticked before."""
        ticked = asked if answer is None else answer.ticked
        lines = {
            name: Line(
                name, _(scopes.SCOPES[name].consent), name in scopes.REQUIRED, name in ticked
            )
            for name in asked
        }
        return cls(
            name=client.name,
            organization=client.organization_name,
            is_unverified=client.registered_by is RegisteredBy.ITSELF,
            is_built_in=client.registered_by is RegisteredBy.BUILT_IN,
            since=words.day(client.created_at),
            places=places,
            chosen=None if answer is None else answer.organization_id,
            groups=list(_groups([line for name, line in lines.items() if name != STAYING])),
            staying=lines.get(STAYING),
            kept_from_it=list(_kept_from_it(asked)),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What was pressed, chosen and ticked."""

    pressed: str
    organization_id: str
    ticked: frozenset[str]

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Self:
        return cls(
            pressed=form.get("answer", ""),
            organization_id=form.get("organization", ""),
            ticked=frozenset(name.removeprefix(_BOX) for name in form if name.startswith(_BOX)),
        )

    def require_whole(self, asked: Collection[str], places: Sequence[Place]) -> None:
        """Raises `Invalid`."""
        if self.organization_id not in {place.organization_id for place in places}:
            raise Invalid("Choose the organization it is to act for.", ("organization",))
        if not self.ticked & set(asked) - {STAYING}:
            raise Invalid(
                "Tick at least one thing that it may do, or choose “Not now”.", ("scope",)
            )


def _groups(lines: Sequence[Line]) -> Iterator[Group]:
    weighty = [line for line in lines if scopes.need_fresh([line.name])]
    doing = [line for line in lines if line.name.endswith(_CHANGES) and line not in weighty]
    seeing = [line for line in lines if line not in doing and line not in weighty]
    if seeing:
        yield Group(_("What it may see"), "", seeing)
    if doing:
        yield Group(
            _("What it may change"), _("In your name, and as far as you may yourself."), doing
        )
    if weighty:
        yield Group(
            _("What it may decide"),
            _("This binds your organization, or changes who acts for it."),
            weighty,
        )


def _kept_from_it(asked: Collection[str]) -> Iterator[str]:
    """What people would mind most, where it is not among what is asked for."""
    if "contacts:read" not in asked:
        yield _("Phone numbers and email addresses, yours among them.")
    if "attendance:read" not in asked:
        yield _("Who is coming to what.")
    if not any(name.endswith(_CHANGES) for name in asked):
        yield _("The right to change anything.")
        return
    if "alliances:agree" not in asked:
        yield _("The right to accept agreements for your organization.")
    if "organization:admin" not in asked:
        yield _("The settings, people and apps of your organization.")
