"""Where the link in an invitation's letter leads: what it is to, and accepting or declining it.

Opening the page uses nothing up, because programs look at links in letters; its buttons do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from auth import team_invitations
from auth.team_invitations import HasAccount, NoInvitation
from auth.team_words import MEANINGS
from domain.errors import Invalid, InvalidTransition, Problem
from languages import gettext as _
from storage.sessions import Session
from web.account import problems, words
from web.account.devices import device_of
from web.account.visits import HOME, Account, SignInFirst, Visit
from web.speaking import refusal

INVITATION = f"{HOME}/invitation"
Given = Mapping[str, str]
_LONGEST = 100  # of what a link holds


def routes(account: Account) -> list[Route]:
    return [account.route(INVITATION, _Pages(account).answer, "GET", "POST")]


@dataclass(frozen=True, slots=True)
class _Pages:
    account: Account

    async def answer(self, visit: Visit) -> Response:
        problem: Problem | None = None
        form: Given = {}
        given: Given = visit.request.query_params
        try:
            if visit.request.method == "POST":
                given = form = await self.account.form(visit)
            secret = given.get("letter", "")[:_LONGEST]
            try:
                match form.get("do"):
                    case "accept":
                        return await self._accepted(visit, secret)
                    case "new":
                        return await self._new(visit, secret, form.get("displayName", ""))
                    case "decline":
                        invitation = await team_invitations.decline(visit.desk, secret)
                        return self.account.shown(
                            visit, "invitation_declined.html", invitation=invitation
                        )
            except (Invalid, InvalidTransition, HasAccount) as refused:
                problem = refused
            return await self._asked(visit, secret, form, problem)
        except NoInvitation as gone:
            return self.account.shown(
                visit, "invitation_spent.html", 404, said=refusal(gone.message)
            )

    async def _asked(
        self, visit: Visit, secret: str, form: Given, problem: Problem | None
    ) -> Response:
        opened = await team_invitations.look(visit.desk, secret, visit.session)
        return self.account.shown(
            visit,
            "invitation.html",
            problems.status_of(problem),
            opened=opened,
            invitation=opened.invitation,
            meaning=_(MEANINGS[opened.invitation.role]),
            until=words.day(opened.invitation.expires_at),
            letter=secret,
            back=quote(_here(secret), safe=""),
            name=form.get("displayName", ""),
            problems=problems.by_field(problem),
        )

    async def _accepted(self, visit: Visit, secret: str) -> Response:
        invitation = await team_invitations.accept(visit.desk, secret, _signed_in(visit, secret))
        return self.account.sent_on(f"{HOME}/team/{invitation.slug}")

    async def _new(self, visit: Visit, secret: str, display_name: str) -> Response:
        if visit.session is not None:
            raise InvalidTransition(
                "You are signed in already: accept with that account, or sign out first."
            )
        invitation, signed_in = await team_invitations.accept_as_somebody_new(
            visit.desk, secret, display_name, device_of(visit)
        )
        then = f"{HOME}/team/{invitation.slug}?welcome=yes"
        return self.account.signed_in(signed_in, then)


def _here(secret: str) -> str:
    return f"{INVITATION}?letter={quote(secret, safe='')}"


def _signed_in(visit: Visit, secret: str) -> Session:
    if visit.session is None:
        raise SignInFirst(_here(secret))
    return visit.session
