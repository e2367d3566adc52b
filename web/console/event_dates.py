"""One date of a series: its page, changing it alone, or it and all that follow, and calling it off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Refused
from languages import N_
from web.console.date_writing import Onward, ThisDate, address_of, date_of, shown
from web.console.event_documents import UPDATE_DATE
from web.console.event_values import OF_DATE
from web.console.event_writing import may_change
from web.console.outcomes import DONE, notice_of, status_of
from web.console.rooms import Console, Room, by_field
from web.console.saving import NAMES, save, version_in
from web.forms import Form

SAID = {
    "changed": N_("Your changes to this date are saved."),
    "nothing": N_("Nothing was different, so nothing was changed."),
    "off": N_("This date is called off. Those who meant to come are told."),
    "held": N_("This date is held after all."),
    "back": N_("This date is like the others again."),
}


def routes(console: Console) -> list[Route]:
    pages = _Dates(console)
    return [
        console.route("/events/{id}/dates/{date}", pages.one),
        console.route("/events/{id}/dates/{date}/edit", pages.edit, "GET", "POST"),
        console.route("/events/{id}/dates/{date}/onward", pages.onward, "GET", "POST"),
        console.route("/events/{id}/dates/{date}/off", pages.off, "GET", "POST"),
    ]


def _require(event: Mapping[str, Any], may: bool) -> None:
    if not may or not event["recurrence"]:
        raise Refused("You may look at this date, and not change it alone.")


@dataclass(frozen=True, slots=True)
class _Dates:
    console: Console

    async def one(self, room: Room) -> Response:
        date = await date_of(room)
        notice = notice_of(room, SAID)
        return shown(self.console, room, "console_date.html", date, {}, notice=notice)

    async def edit(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        writing = ThisDate(self.console, room, await date_of(room))
        _require(writing.event, bool(writing.may))
        if form is not None and form.get("do") == "back":
            return await self._as_the_others(room, writing, form)
        return await save(writing, form)

    async def onward(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        writing = Onward(self.console, room, await date_of(room))
        # The later dates become an event of the host's own.
        is_host = writing.event["host"]["id"] == room.organization_id
        _require(writing.event, is_host and "startsAt" in may_change(writing.event))
        return await save(writing, form)

    async def off(self, room: Room) -> Response:
        """Calls one date off, or holds it after all."""
        form = await self.console.form(room) if room.is_sent else None
        date = await date_of(room)
        _require(date["event"], "cancelEvent" in date["event"]["nextActions"])
        if form is None:
            return self._off(room, date, {}, 200)
        status = "SCHEDULED" if form.get("do") == "hold" else "CANCELLED"
        input_ = {"id": date["id"], "version": version_in(form), "status": status}
        done = await room.talk.change(UPDATE_DATE, form, input=input_)
        if not done.problems:
            return self._to(room, date, "held" if status == "SCHEDULED" else "off")
        # What somebody else changed meanwhile is shown as it stands now.
        problems = by_field(done)
        return self._off(room, await date_of(room), problems, status_of(problems, done))

    async def _as_the_others(self, room: Room, writing: ThisDate, form: Form) -> Response:
        """Takes back whatever is different about it, but that it was called off."""
        date, is_off = writing.date, writing.date["status"] == "CANCELLED"
        own = [
            name for name in OF_DATE if name in writing.may and not (name == "status" and is_off)
        ]
        input_ = {"id": date["id"], "version": version_in(form), **dict.fromkeys(own)}
        done = await room.talk.change(UPDATE_DATE, form, input=input_)
        if done.problems:
            return await writing.shown(form, by_field(done, NAMES), done)
        return self._to(room, date, "back")

    def _off(
        self, room: Room, date: Mapping[str, Any], problems: Mapping[str, str], status: int
    ) -> Response:
        is_off = date["status"] == "CANCELLED"
        template = "console_date_off.html"
        return shown(self.console, room, template, date, problems, status, is_off=is_off)

    def _to(self, room: Room, date: Mapping[str, Any], done: str) -> Response:
        return self.console.sent_on(f"{address_of(room, date)}?{DONE}={done}")
