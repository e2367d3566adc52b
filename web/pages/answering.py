"""Saying that one comes, without an account: what the form of an event sends, and what one reads then.

Nothing counts until the link is followed that is sent to the address (`web/pages/rsvps.py`). What is
read does not depend on what is known of the address.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from domain import people
from domain.errors import Problem, Refused
from domain.words import say
from languages import gettext as _
from web import forms
from web.feeds import answers
from web.feeds.asking import NotUnderstood, as_said
from web.forms import Form
from web.pages import rendering
from web.pages.asked import language_in
from web.pages.event_page import EventPages, Filled
from web.speaking import refusal

ANSWER = """
mutation AnswerOfGuest($input: RsvpInput!) {
  rsvp(input: $input) { userErrors { field message } }
}
"""
# There is no session and no cookie that could be abused; but no other site shall have its visitors
# send our form for it.
ELSEWHERE = say("This form came from another site. Open the page here, and send it from there.")
MOST_BYTES = 16_000
_STATUSES = ("ACCEPTED", "TENTATIVE")
# What the contract calls the fields of the form.
_FIELDS = {
    "guestName": "name",
    "guestEmail": "email",
    "additionalGuests": "guests",
    "occurrence": "date",
    "consentTo": "consent",
}


class Answering:
    def __init__(self, pages: EventPages) -> None:
        self.pages = pages
        self.reading = pages.reading

    async def page(self, request: Request) -> Response:
        """The form alone; after it was sent, what happens next."""
        shown = await self.pages.read(request)
        if shown is None:
            return rendering.nothing_there(self.pages.site)
        if request.method != "POST":
            told = await self.pages.told(request, shown)
            is_sent = "sent" in request.query_params
            return rendering.page(request, "answer_sent.html" if is_sent else "answer.html", **told)
        if not forms.is_from_here(request, await self.reading.address(request)):
            raise Refused(ELSEWHERE)
        form = await forms.sent(request, MOST_BYTES)
        filled = await self._answered(request, form, shown.event["id"])
        if filled.problems:
            told = {**await self.pages.told(request, shown), "filled": filled}
            return rendering.form("answer.html", 422, **told)
        language = language_in(request)
        to = f"{request.url.path}?sent" + (f"&lang={language}" if language else "")
        # So that loading it again sends nothing twice (RFC 9110 s15.4.4).
        return RedirectResponse(to, 303, {**answers.GUARDED, "Cache-Control": "no-store"})

    async def _answered(self, request: Request, form: Form, event_id: str) -> Filled:
        names = ("name", "email", "guests", "date", "status")
        values = {name: form.get(name, "").strip() for name in names}
        agreed = tuple(form.every("consent"))
        given, problems = _given(values)
        if not problems:
            given |= {"event": event_id, "consentTo": list(agreed)}
            problems = await self._asked(request, given)
        return Filled(values, agreed, problems)

    async def _asked(self, request: Request, given: dict[str, Any]) -> dict[str, str]:
        """What was wrong with it, by field of the form."""
        try:
            async with self.reading.opened_beside(request) as (ask, context):
                told = (await ask(ANSWER, input=given))["rsvp"]
        except NotUnderstood as problem:
            return {"": refusal(problem.message)}
        return {
            _FIELDS.get((each["field"] or [""])[-1], ""): refusal(
                as_said(each["message"], context.reasons)
            )
            for each in told["userErrors"]
        }


def _given(values: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The contract's input, and what a form can say that it cannot."""
    problems: dict[str, str] = {}
    if not values["name"]:
        problems["name"] = _("Write your name, so that the hosts know who comes.")
    try:
        people.email_address(values["email"], ("guestEmail",))
    except Problem:
        problems["email"] = _("Write your email address, like name@example.org.")
    guests = values["guests"] or "0"
    if not (guests.isascii() and guests.isdigit() and len(guests) < 4):
        problems["guests"] = _("Write how many people come with you as a number, like 2.")
    given: dict[str, Any] = {
        "guestName": values["name"],
        "guestEmail": values["email"],
        "status": values["status"] if values["status"] in _STATUSES else _STATUSES[0],
    }
    if not problems:
        given["additionalGuests"] = int(guests)
    if values["date"]:
        given["occurrence"] = values["date"]
    return given, problems
