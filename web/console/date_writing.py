"""One date of a series being written: alone, or with all that follow (`saving.Writing`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from domain.errors import NotFound
from web.console import clash, event_words
from web.console.event_choices import offered
from web.console.event_documents import DATE, UPDATE_DATE, UPDATE_FROM
from web.console.event_form import typed_place, typed_times_of_date, typed_values
from web.console.event_values import OF_DATE, Values, fields_of, values_of, written_marks
from web.console.event_writing import form_of, may_change
from web.console.events import when_of
from web.console.outcomes import DONE, status_of
from web.console.rooms import Console, Room, there
from web.console.saving import began
from web.console.talking import Done
from web.console.typed import Typed
from web.forms import Form


async def date_of(room: Room) -> Mapping[str, Any]:
    """The date of the address, with its event."""
    path = room.visit.request.path_params
    date = there((await room.talk.ask(DATE, date=path["date"]))["node"])
    if date.get("event", {}).get("id") != path["id"]:
        raise NotFound("There is nothing here that you may see. It may have been taken away.")
    return date


def address_of(room: Room, date: Mapping[str, Any]) -> str:
    return room.to("events", date["event"]["id"], "dates", date["id"])


def shown(
    console: Console,
    room: Room,
    template: str,
    date: Mapping[str, Any],
    problems: Mapping[str, str],
    status: int = 200,
    **given: Any,
) -> Response:
    event = date["event"]
    return console.shown(
        room,
        template,
        status,
        page="events",
        date=date,
        event=event,
        here=address_of(room, date),
        usual=room.to("events", event["id"]),
        when=when_of(date, event),
        problems=problems,
        words=event_words,
        is_ours=event["host"]["id"] == room.organization_id,
        **given,
    )


@dataclass(frozen=True, slots=True)
class ThisDate:
    """This date alone."""

    console: Console
    room: Room
    date: Mapping[str, Any]

    @property
    def event(self) -> Mapping[str, Any]:
        event: Mapping[str, Any] = self.date["event"]
        return event

    @property
    def may(self) -> list[str]:
        return [name for name in OF_DATE if name in self.event["viewerMayChange"]]

    @property
    def theirs(self) -> Values:
        return values_of(self.date, self.may)

    def filled(self, values: Values) -> Mapping[str, str]:
        clocks = {name: self.event[name] for name in ("timeZone", "allDay")}
        return fields_of({**values, **clocks}, self.event)

    def read(self, typed: Typed) -> Values:
        found = typed_values(typed, {"title", "description", "status"} & set(self.may))
        if "startsAt" in self.may:
            all_day = self.event["allDay"]
            found |= typed_times_of_date(typed, self.event["timeZone"], all_day=all_day)
        if "place" in self.may:
            found["place"] = typed_place(typed)
        return found

    async def send(self, form: Form, version: int, changes: Values) -> Done:
        input_ = {"id": self.date["id"], "version": version, **changes}
        return await self.room.talk.change(UPDATE_DATE, form, input=input_)

    async def shown(
        self, filled: Mapping[str, str], problems: Mapping[str, str], done: Done | None = None
    ) -> Response:
        is_off = self.date["status"] == "CANCELLED"
        return shown(
            self.console,
            self.room,
            "console_date_edit.html",
            self.date,
            problems,
            status_of(problems, done),
            filled=filled,
            may=frozenset(self.may),
            offered=offered(filled, None, is_off=is_off),
            has_own_place=bool(self.date["place"]),
            **began(filled, self.event, written_marks(self.theirs)),
        )

    async def clashing(self, form: Form, mine: Values, done: Done) -> Response | None:
        now = done.payload.get("occurrence")
        if now is None:
            return None
        return await clash.shown(
            self.console,
            self.room,
            form,
            mine,
            now["event"],
            values_of(now, mine),
            here=self.room.visit.request.url.path,
            back=address_of(self.room, self.date),
            title=now["title"],
        )

    def saved(self, payload: Mapping[str, Any], said: str) -> Response:
        return self.console.sent_on(f"{address_of(self.room, self.date)}?{DONE}={said}")


@dataclass(frozen=True, slots=True)
class Onward:
    """This date and all that follow: they become an event of their own."""

    console: Console
    room: Room
    date: Mapping[str, Any]

    @property
    def event(self) -> Mapping[str, Any]:
        return _from(self.date)

    @property
    def theirs(self) -> Values:
        return values_of(self.event, may_change(self.event))

    def filled(self, values: Values) -> Mapping[str, str]:
        return fields_of(values, self.event)

    def read(self, typed: Typed) -> Values:
        return typed_values(typed, may_change(self.event))

    async def send(self, form: Form, version: int, changes: Values) -> Done:
        input_ = {"id": self.event["id"], "version": version, **changes}
        return await self.room.talk.change(
            UPDATE_FROM, form, occurrence=self.date["id"], input=input_
        )

    async def shown(
        self, filled: Mapping[str, str], problems: Mapping[str, str], done: Done | None = None
    ) -> Response:
        about = {"onward": when_of(self.date, self.event), "back": address_of(self.room, self.date)}
        return await form_of(self.console, self.room, self.event, filled, problems, done, **about)

    async def clashing(self, form: Form, mine: Values, done: Done) -> Response | None:
        # The date is read again with its event: it may be at another time now.
        now = _from(await date_of(self.room))
        return await clash.shown(
            self.console,
            self.room,
            form,
            mine,
            now,
            values_of(now, mine),
            here=self.room.visit.request.url.path,
            back=address_of(self.room, self.date),
            title=now["title"],
        )

    def saved(self, payload: Mapping[str, Any], said: str) -> Response:
        if said == "nothing":
            return self.console.sent_on(f"{address_of(self.room, self.date)}?{DONE}={said}")
        event_id = payload["event"]["id"]
        return self.console.sent_on(self.room.to("events", event_id, **{DONE: "onward"}))


def _from(date: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event as it goes on from that date: its first day is the date's."""
    return {**date["event"], "startsAt": date["startsAt"], "endsAt": date["endsAt"]}
