"""What an event's host does that goes out to others: publishing it, cancelling it, sharing it with
alliances, and telling how it was. Each has a page that says first what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Refused
from domain.recurrence import horizon
from languages import N_
from languages import gettext as _
from web.console import event_words
from web.console.event_documents import CANCEL, PUBLISH, REPORT, SHARE, STEP, UNSHARE
from web.console.events import when_of
from web.console.outcomes import DONE, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.saving import version_in
from web.console.talking import Done
from web.console.typed import Typed
from web.feeds.events import local, written
from web.forms import Form


def routes(console: Console) -> list[Route]:
    steps = _Steps(console)
    return [
        console.route(f"/events/{{id}}/{path}", page, "GET", "POST")
        for path, page in (
            ("publish", steps.publish),
            ("cancel", steps.cancel),
            ("share", steps.share),
            ("report", steps.report),
        )
    ]


@dataclass(frozen=True, slots=True)
class Before:
    """What is known before a step: the event, and where its host stands."""

    event: Mapping[str, Any]
    organization: Mapping[str, Any] | None

    def require(self, step: str, said: str) -> None:
        """What the contract does not offer is not done by a form that was made up either."""
        if step not in self.event["nextActions"]:
            raise Refused(said)


async def _before(room: Room) -> Before:
    now = room.visit.desk.clock.now()
    asked = await room.talk.ask(
        STEP,
        id=given_id(room),
        organization=room.organization_id,
        now=written(now),
        horizon=written(horizon(now)),
    )
    return Before(there(asked["event"]), asked["organization"])


class _Steps:
    def __init__(self, console: Console) -> None:
        self.console = console

    async def publish(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        before = await _before(room)
        before.require(
            "publishEvent", N_("It is published already, or you may not publish it: its host does.")
        )
        done = None
        if form is not None:
            done = await room.talk.change(
                PUBLISH, form, event=before.event["id"], version=version_in(form)
            )
        if done and not done.problems:
            return self._to(room, before, "published")
        return await self._shown(room, "console_event_publish.html", before, done)

    async def cancel(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        before = await _before(room)
        before.require(
            "cancelEvent", N_("It is cancelled already, or you may not cancel it: its host does.")
        )
        typed = Typed(form or Form({}))
        reason = typed.text("reason")
        done = None
        if form and not typed.problems:
            done = await room.talk.change(
                CANCEL, form, event=before.event["id"], version=version_in(form), reason=reason
            )
        if done and not done.problems:
            return self._to(room, before, "cancelled")
        return await self._shown(
            room,
            "console_event_cancel.html",
            before,
            done,
            typed.problems,
            reason=reason or "",
            reached=_reached(before.event),
        )

    async def share(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        before = await _before(room)
        before.require("shareEvent", N_("You may not share it: its host does."))
        done = None
        if form:
            document = UNSHARE if form.get("do") == "unshare" else SHARE
            given = {"event": before.event["id"], "alliances": [form.get("alliance", "")]}
            done = await room.talk.change(document, form, **given)
        if done and not done.problems:
            return self.console.sent_on(
                room.to("events", before.event["id"], "share", **{DONE: "shared"})
            )
        return await self._shown(
            room,
            "console_event_share.html",
            before,
            done,
            is_done=room.said.get(DONE) == "shared",
            others=_not_yet(before),
        )

    async def report(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else None
        before = await _before(room)
        before.require("reportEvent", N_("You may not tell how it was: its host does."))
        told = before.event["report"] or {"text": "", "attended": None}
        typed = Typed(form or Form({}))
        text, attended = typed.text("text"), typed.number("attended")
        done = None
        if form and text is None:
            typed.wrong("text", _("Write how it was."))
        if form and not typed.problems:
            given = {"event": before.event["id"], "text": text, "attended": attended}
            done = await room.talk.change(REPORT, form, **given)
        if done and not done.problems:
            return self._to(room, before, "reported")
        return await self._shown(
            room,
            "console_event_report.html",
            before,
            done,
            typed.problems,
            text=form.get("text", "") if form else told["text"],
            attended=form.get("attended", "") if form else _counted(before.event, told),
        )

    async def _shown(
        self,
        room: Room,
        template: str,
        before: Before,
        done: Done | None,
        problems: Mapping[str, str] | None = None,
        **given: Any,
    ) -> Response:
        problems = {**(problems or {}), **by_field(done, {"event": "main", "alliances": "main"})}
        # What somebody else changed meanwhile is shown as it stands now.
        event = (await _before(room)).event if done and done.is_stale else before.event
        return self.console.shown(
            room,
            template,
            status_of(problems, done),
            page="events",
            event=event,
            here=room.to("events", event["id"]),
            when=when_of(event, event),
            problems=problems,
            words=event_words,
            **given,
        )

    def _to(self, room: Room, before: Before, done: str) -> Response:
        return self.console.sent_on(room.to("events", before.event["id"], **{DONE: done}))


def _reached(event: Mapping[str, Any]) -> dict[str, Any]:
    """Whom a cancellation reaches: who answered to what is still to come, who hosts it, and where
    it stands."""
    ahead = [one for one in event["occurrences"]["nodes"] if one["status"] != "CANCELLED"]
    kinds = ("accepted", "tentative", "waitlisted")
    return {
        **{kind: sum(one["attendance"][kind] for one in ahead) for kind in kinds},
        "dates": len(ahead),
        "has_more": event["occurrences"]["pageInfo"]["hasNextPage"],
        "first": local(ahead[0]["startsAt"], event["timeZone"]).date() if ahead else None,
        "hosts": [
            one["organization"]["name"]
            for one in event["hosts"]["nodes"]
            if one["role"] != "HOST" and one["status"] in ("ACCEPTED", "INVITED", "REQUESTED")
        ],
        "alliances": [one["name"] for one in event["sharedWith"]],
    }


def _not_yet(before: Before) -> list[Mapping[str, Any]]:
    """Alliances in which the host stands, and with which it is not shared."""
    shared = {one["id"] for one in before.event["sharedWith"]}
    places = (before.organization or {"alliances": {"nodes": ()}})["alliances"]["nodes"]
    return [
        one["alliance"]
        for one in places
        if one["status"] == "ACTIVE"
        and one["alliance"]["status"] != "DISSOLVED"
        and one["alliance"]["id"] not in shared
    ]


def _counted(event: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """What was told before; nothing where people were checked in, for those are counted."""
    is_checked = event["attendance"]["attended"] is not None
    return "" if is_checked or told["attended"] is None else str(told["attended"])
