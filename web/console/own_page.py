"""What the public page of the organization says: changed here by its owners and admins."""

from typing import Any, Final

from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from web.console import event_words
from web.console.event_choices import offered
from web.console.outcomes import notice_of, status_of
from web.console.own_words import filled_with, typed_words
from web.console.rooms import Console, Room, by_field, there
from web.console.typed import Typed
from web.forms import Form

TO_CHANGE: Final = """
query OrganizationToChange($id: ID!) {
  organization(id: $id) {
    id version url name summary description website causes languages timeZone visibility nextActions
    place {
      name streetAddress postalCode locality region country latitude longitude precision
    }
    contact { name email telephone url }
  }
}
"""
UPDATE: Final = """
mutation UpdateOrganization($input: UpdateOrganizationInput!) {
  updateOrganization(input: $input) {
    organization { id } userErrors { code field message }
  }
}
"""
TEXTS = ("name", "summary", "description")
SEEN = ("PUBLIC", "UNLISTED", "ALLIANCE", "ORGANIZATION")
DONE = {"changed": N_("Your changes are saved.")}


def routes(console: Console) -> list[Route]:
    async def own_page(room: Room) -> Response:
        form = await console.form(room) if room.is_sent else Form({})
        asked = await room.talk.ask(TO_CHANGE, id=room.organization_id)
        organization = there(asked["organization"])
        typed, done = Typed(form), None
        if room.is_sent:
            wanted = _typed(typed) | {"id": organization["id"]}
            if not typed.problems:
                done = await room.talk.change(UPDATE, form, input=wanted)
                if not done.problems:
                    return console.sent_on(room.to("organization", done="changed"))
        problems = {**typed.problems, **by_field(done, {"id": "main", "version": "main"})}
        now = filled_with(organization, (*TEXTS, "website", "timeZone"))
        filled = dict(form) if room.is_sent else now
        is_stale = done is not None and done.is_stale
        if is_stale:
            filled["version"] = now["version"]
        return console.shown(
            room,
            "console_own_page.html",
            status_of(problems, done),
            page="more",
            own=organization,
            may_change="updateOrganization" in organization["nextActions"],
            filled=filled,
            stale=now if is_stale else None,
            offered=offered(filled, None, is_off=False),
            seen=SEEN,
            words=event_words,
            here=room.to("organization"),
            problems=problems,
            notice=notice_of(room, DONE),
        )

    return [console.route("/organization", own_page, "GET", "POST")]


def _typed(typed: Typed) -> dict[str, Any]:
    zone = typed.zone("timeZone")
    return {
        **typed_words(typed, TEXTS, "contact"),
        "name": typed.text("name") or "",
        "website": typed.web_address("website"),
        "timeZone": str(zone) if zone else None,
        "version": typed.number("version"),
    }
