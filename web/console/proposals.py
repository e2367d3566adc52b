"""What an alliance's members decide together: putting a question, and the ballots on it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from languages import gettext as _
from web.console.alliance_documents import BRIEFLY, ONE_MEMBERSHIP, OPEN, PROPOSAL, VOTE, WITHDRAW
from web.console.alliance_steps import DONE
from web.console.outcomes import notice_of, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.typed import Typed
from web.forms import Form

KINDS = {
    "OTHER": N_("A question of any kind; what follows from it is up to the members"),
    "PUBLISH_AGREEMENT": N_("An agreement: the line is its title, the text its words"),
    "ADMIT_MEMBER": N_("To let in an organization that asks"),
    "REMOVE_MEMBER": N_("To put a member out; the text says why"),
    "DISSOLVE": N_("To end the alliance"),
}
CHOICES = {
    "AGREE": (N_("We agree"), ""),
    "DISAGREE": (N_("We do not agree"), ""),
    "ABSTAIN": (N_("We abstain"), ""),
    "BLOCK": (
        N_("We block it"),
        N_("Where members decide by consent, this stops it. It needs a reason."),
    ),
}
OF_STATUS = {
    "OPEN": N_("Open"),
    "PASSED": N_("Passed"),
    "REJECTED": N_("Turned down"),
    "WITHDRAWN": N_("Taken back"),
}
_FREE = ("OTHER", "PUBLISH_AGREEMENT", "DISSOLVE")
_USUAL = timedelta(days=14)


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    at = "/alliances/{id}/proposals"
    return [
        console.route(f"{at}/new", pages.new, "GET", "POST"),
        console.route(f"{at}/{{proposal}}", pages.proposal, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def proposal(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        proposal_id = room.visit.request.path_params["proposal"]
        done = None
        if room.is_sent and form.get("do") == "withdraw":
            done = await room.talk.change(WITHDRAW, form, proposal=proposal_id)
        elif room.is_sent:
            done = await room.talk.change(
                VOTE,
                form,
                proposal=proposal_id,
                organization=room.organization_id,
                choice=Typed(form).chosen("choice", tuple(CHOICES), "ABSTAIN"),
                reason=Typed(form).text("reason"),
            )
        if done is not None and not done.problems:
            word = "withdrawn" if form.get("do") == "withdraw" else "voted"
            here = ("alliances", given_id(room), "proposals", proposal_id)
            return self.console.sent_on(room.to(*here, done=word))
        proposal = there((await room.talk.ask(PROPOSAL, id=proposal_id))["node"])
        if proposal.get("alliance", {}).get("id") != given_id(room):
            there(None)
        problems = by_field(done, {"proposal": "main", "organization": "main"})
        own = proposal["viewerBallot"] or {}
        return self.console.shown(
            room,
            "console_proposal.html",
            status_of(problems, done),
            page="alliances",
            proposal=proposal,
            chosen=form.get("choice") or own.get("choice"),
            reason=form.get("reason", own.get("reason") or ""),
            choices=CHOICES,
            kinds=KINDS,
            of_proposal=OF_STATUS,
            here=room.to("alliances", given_id(room), "proposals", proposal_id),
            problems=problems,
            notice=notice_of(room, DONE),
        )

    async def new(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        alliance = there((await room.talk.ask(BRIEFLY, id=given_id(room)))["alliance"])
        subject_id = form.get("subject") or room.said.get("subject", "")
        subject = None
        if subject_id:
            subject = there((await room.talk.ask(ONE_MEMBERSHIP, id=subject_id))["node"])
        typed, done = Typed(form), None
        if room.is_sent:
            wanted = self._wanted(room, typed, subject_id)
            if not typed.problems:
                done = await room.talk.change(OPEN, form, input=wanted)
                if not done.problems:
                    made = there(done.payload["proposal"])["id"]
                    here = ("alliances", alliance["id"], "proposals", made)
                    return self.console.sent_on(room.to(*here, done="opened"))
        names = {"alliance": "main", "organization": "main", "subject": "main"}
        problems = {**typed.problems, **by_field(done, names)}
        usual = (room.visit.desk.clock.now() + _USUAL).date().isoformat()
        return self.console.shown(
            room,
            "console_proposal_new.html",
            status_of(problems, done),
            page="alliances",
            alliance=alliance,
            subject=subject,
            kinds={kind: KINDS[kind] for kind in _FREE},
            kind=form.get("kind") or room.said.get("kind", "OTHER"),
            filled=dict(form) if room.is_sent else {"closesAt": usual},
            problems=problems,
        )

    def _wanted(self, room: Room, typed: Typed, subject_id: str) -> dict[str, Any]:
        day = typed.day("closesAt")
        if day is None:
            typed.wrong("closesAt", _("Say until when."))
        closes = datetime.combine(day, time(23, 59), UTC) if day else None
        return {
            "alliance": given_id(room),
            "organization": room.organization_id,
            "title": typed.text("title") or "",
            "body": typed.text("body") or "",
            "kind": typed.chosen("kind", tuple(KINDS), "OTHER"),
            "subject": subject_id or None,
            "closesAt": closes.isoformat() if closes else None,
        }
