"""Writing an event: a new one, one like another, and changing one that is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Refused
from web.console import clash, event_words
from web.console.event_choices import offered
from web.console.event_documents import CREATE, ORGANIZATION, TO_WRITE, UPDATE
from web.console.event_form import TRANSLATIONS, typed_values
from web.console.event_values import ORDER, Values, fields_of, values_of, written_marks
from web.console.outcomes import DONE, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.saving import NAMES, began, save
from web.console.talking import Done
from web.console.typed import Typed
from web.forms import Form

# What is set of a new one: all but whether it takes place, which it does.
NEW = frozenset(ORDER) - {"status"}


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    return [
        console.route("/events/new", pages.new, "GET", "POST"),
        console.route("/events/{id}/edit", pages.edit, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def new(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        organization = await _organization(room)
        if "createEvent" not in organization["nextActions"]:
            raise Refused("You may look at events here, and not make any. Ask an owner of yours.")
        if form is None:
            return self._form(room, organization, await _filled(room, organization), {})
        typed = Typed(form)
        values = typed_values(typed, NEW)
        if typed.problems:
            return self._form(room, organization, form, typed.problems)
        done = await room.talk.change(CREATE, form, input=_made_of(room, form, values))
        if done.problems:
            return self._form(room, organization, form, by_field(done, NAMES))
        event_id = done.payload["event"]["id"]
        return self.console.sent_on(room.to("events", event_id, **{DONE: "made"}))

    async def edit(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        event = there((await room.talk.ask(TO_WRITE, id=given_id(room)))["event"])
        if not set(ORDER) & set(event["viewerMayChange"]):
            raise Refused("You may look at this event, and not change it. Ask its host to let you.")
        return await save(_AllDates(self.console, room, event), form)

    def _form(
        self,
        room: Room,
        organization: Mapping[str, Any],
        filled: Mapping[str, str],
        problems: Mapping[str, str],
    ) -> Response:
        return self.console.shown(
            room,
            "console_event_new.html",
            status_of(problems),
            page="events",
            filled=filled,
            problems=problems,
            may=NEW,
            offered=offered(filled, organization, is_off=False),
            shared=filled.every("shareWith") if isinstance(filled, Form) else (),
            translations=_translations(filled),
            words=event_words,
            here=room.to("events", "new"),
        )


@dataclass(frozen=True, slots=True)
class _AllDates:
    """An event being changed, with all its dates (`saving.Writing`)."""

    console: Console
    room: Room
    event: Mapping[str, Any]

    @property
    def may(self) -> list[str]:
        return may_change(self.event)

    @property
    def theirs(self) -> Values:
        return values_of(self.event, self.may)

    def filled(self, values: Values) -> Mapping[str, str]:
        return fields_of(values, self.event)

    def read(self, typed: Typed) -> Values:
        return typed_values(typed, self.may)

    async def send(self, form: Form, version: int, changes: Values) -> Done:
        input_ = {"id": self.event["id"], "version": version, **changes}
        return await self.room.talk.change(UPDATE, form, input=input_)

    async def shown(
        self, filled: Mapping[str, str], problems: Mapping[str, str], done: Done | None = None
    ) -> Response:
        return await form_of(self.console, self.room, self.event, filled, problems, done)

    async def clashing(self, form: Form, mine: Values, done: Done) -> Response | None:
        now = done.payload.get("event")
        if now is None:
            return None
        return await clash.shown(
            self.console,
            self.room,
            form,
            mine,
            now,
            values_of(now, mine),
            here=self.room.to("events", now["id"], "edit"),
            back=self.room.to("events", now["id"]),
            title=now["title"],
        )

    def saved(self, payload: Mapping[str, Any], said: str) -> Response:
        return self.console.sent_on(self.room.to("events", self.event["id"], **{DONE: said}))


def may_change(event: Mapping[str, Any]) -> list[str]:
    """The fields of the form that the contract lets whoever looks change."""
    return [name for name in ORDER if name in event["viewerMayChange"]]


async def form_of(
    console: Console,
    room: Room,
    event: Mapping[str, Any],
    filled: Mapping[str, str],
    problems: Mapping[str, str],
    done: Done | None = None,
    **about: Any,
) -> Response:
    """The form of an event that is there. What was typed is compared with how the event stood when
    the form was made first."""
    organization = await _organization(room)
    given = {"back": room.to("events", event["id"]), **about}
    return console.shown(
        room,
        "console_event_edit.html",
        status_of(problems, done),
        page="events",
        event=event,
        filled=filled,
        problems=problems,
        may=frozenset(event["viewerMayChange"]),
        is_ours=event["host"]["id"] == room.organization_id,
        offered=offered(filled, organization, is_off=event["status"] == "CANCELLED"),
        translations=_translations(filled),
        words=event_words,
        here=room.visit.request.url.path,
        **began(filled, event, written_marks(values_of(event, may_change(event)))),
        **given,
    )


async def _organization(room: Room) -> Mapping[str, Any]:
    asked = await room.talk.ask(ORGANIZATION, organization=room.organization_id)
    return there(asked["organization"])


def _made_of(room: Room, form: Form, values: Values) -> dict[str, Any]:
    """For `createEvent`: a draft, because publishing says first whom it reaches."""
    return {
        **{name: value for name, value in values.items() if value not in (None, [])},
        "organization": room.organization_id,
        "group": form.get("group") or None,
        "shareWith": form.every("shareWith"),
        "publish": False,
    }


async def _filled(room: Room, organization: Mapping[str, Any]) -> dict[str, str]:
    """A new form: as another event was, where one is named, but for its day; else empty."""
    like = room.said.get("like", "")
    if like:
        other = there((await room.talk.ask(TO_WRITE, id=like))["event"])
        filled = fields_of(values_of(other), other)
        is_own = other["host"]["id"] == room.organization_id
        group = other["group"]["id"] if is_own and other["group"] else ""
        again = {"startsAt": "", "endsAt": "", "status": "SCHEDULED", "repeats": "once"}
        return {**filled, **again, "recurrence-kept": "null", "group": group}
    place = organization["place"] or {}
    return {
        "timeZone": organization["timeZone"],
        "language": next(iter(organization["languages"]), ""),
        **{f"place-{name}": place.get(name) or "" for name in ("locality", "region", "country")},
        "startsAt": room.said.get("day", "")[:10],
    }


def _translations(filled: Mapping[str, str]) -> list[int]:
    """Those that are there, and one to add."""
    numbers = [at for at in range(TRANSLATIONS) if any(filled.get(name) for name in _names_of(at))]
    return [*numbers, max(numbers, default=-1) + 1]


def _names_of(at: int) -> list[str]:
    """The fields of a translation."""
    return [f"translations-{at}-{name}" for name in ("language", "title", "summary", "description")]
