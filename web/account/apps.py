"""The apps of an organization, for those who look after its team: which there are, a new secret or
other keys for one, and ending one. A new one is made in `app_registration.py`.

Whoever may is decided in `auth/team_apps.py`; each change has a page of its own, to come back to
from showing who one is once more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from auth import accounts, app_wishes, scopes, team_apps, teams
from auth.app_wishes import Kind
from auth.clients import LONGEST_OVERLAP, OVERLAP
from auth.teams import Organization
from domain.actors import TeamRole
from domain.apps import AuthMethod, RegisteredBy, may_keep
from domain.errors import Invalid, NotFound, Problem
from domain.words import say
from languages import N_
from languages import gettext as _
from storage.credentials import Client
from storage.sessions import Session
from web.account import problems, words
from web.account.visits import HOME, Account, Form, Visit

APPS = f"{HOME}/apps"
OF_TEAM = f"{APPS}/{{slug}}"
ONE = f"{OF_TEAM}/app/{{client}}"

# How long the secret in use goes on beside a new one.
OVERLAPS = {
    "0": N_("It ends now, because somebody else may know it"),
    "1": N_("One day"),
    "7": N_("One week"),
    "30": N_("30 days"),
}


def routes(account: Account) -> list[Route]:
    pages = _Pages(account)
    return [
        account.route(APPS, pages.teams),
        account.route(OF_TEAM, pages.apps),
        account.route(ONE, pages.app),
        account.route(f"{ONE}/secret", pages.secret, "GET", "POST"),
        account.route(f"{ONE}/keys", pages.keys, "GET", "POST"),
        account.route(f"{ONE}/revoke", pages.revoke, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    account: Account

    async def teams(self, visit: Visit) -> Response:
        """Whoever looks after the apps of one team goes there straight."""
        profile = await accounts.profile_of(visit.desk, visit.require_session())
        kept = [team for team in profile.teams if may_keep(TeamRole(team.role))]
        if len(kept) == 1:
            return self.account.sent_on(OF_TEAM.format(slug=kept[0].slug))
        return self.account.shown(visit, "apps_teams.html", teams=kept)

    async def apps(self, visit: Visit) -> Response:
        session = visit.require_session()
        team = await team_of(visit, session)
        found = await team_apps.of_organization(visit.desk, session, team.id)
        now = visit.desk.clock.now()
        return self.account.shown(
            visit,
            "apps.html",
            team=team,
            apps=[line(each, now) for each in found if each.revoked_at is None],
            revoked=[line(each, now) for each in found if each.revoked_at is not None],
        )

    async def app(self, visit: Visit) -> Response:
        session = visit.require_session()
        team, client = await self._one(visit, session)
        return self.account.shown(
            visit, "apps_app.html", team=team, app=line(client, visit.desk.clock.now())
        )

    async def secret(self, visit: Visit) -> Response:
        form = await self._sent(visit)
        session = visit.require_fresh()
        team, client = await self._one(visit, session)
        problem: Problem | None = None
        if form is not None:
            try:
                overlap = _overlap(form.get("overlap", ""))
                made = await team_apps.rotate_for(visit.desk, session, client.id, overlap)
            except Invalid as invalid:
                problem = invalid
            else:
                return told(self.account, visit, team, made.client, made.secret, overlap)
        return self._asked(
            visit,
            "apps_secret.html",
            team,
            client,
            problem,
            overlaps=OVERLAPS,
            chosen=str(OVERLAP.days) if form is None else form.get("overlap", ""),
        )

    async def keys(self, visit: Visit) -> Response:
        form = await self._sent(visit)
        session = visit.require_fresh()
        team, client = await self._one(visit, session)
        problem: Problem | None = None
        if form is not None:
            try:
                given = keys_in(form.get("jwks", ""))
                await team_apps.change_keys_for(visit.desk, session, client.id, given)
                return self.account.sent_on(ONE.format(slug=team.slug, client=client.id))
            except Invalid as invalid:
                problem = invalid
        now = json.dumps(client.jwks, indent=1) if client.jwks else ""
        given = now if form is None else form.get("jwks", "")
        return self._asked(visit, "apps_keys.html", team, client, problem, jwks=given)

    async def revoke(self, visit: Visit) -> Response:
        form = await self._sent(visit)
        session = visit.require_fresh()
        team, client = await self._one(visit, session)
        if form is not None:
            await team_apps.revoke_for(visit.desk, session, client.id)
            return self.account.sent_on(OF_TEAM.format(slug=team.slug))
        return self._asked(visit, "apps_revoke.html", team, client)

    # ── beneath ──────────────────────────────────────────────────────────────────────────────────

    async def _sent(self, visit: Visit) -> Form | None:
        return await self.account.form(visit) if visit.request.method == "POST" else None

    async def _one(self, visit: Visit, session: Session) -> tuple[Organization, Client]:
        team = await team_of(visit, session)
        client_id = visit.request.path_params["client"]
        found = await team_apps.of_organization(visit.desk, session, team.id)
        for client in found:
            if client.id == client_id:
                return team, client
        raise NotFound("There is no such app of your organization.", ("client",))

    def _asked(
        self,
        visit: Visit,
        template: str,
        team: Organization,
        client: Client,
        problem: Problem | None = None,
        **given: Any,
    ) -> Response:
        """The page before a change."""
        return self.account.shown(
            visit,
            template,
            problems.status_of(problem),
            team=team,
            app=line(client, visit.desk.clock.now()),
            problems=problems.by_field(problem),
            **given,
        )


async def team_of(visit: Visit, session: Session) -> Organization:
    """The organization of the address, where they are in its team."""
    return (await teams.of(visit.desk, session, visit.request.path_params["slug"])).organization


def told(
    account: Account,
    visit: Visit,
    team: Organization,
    client: Client,
    secret: str | None,
    overlap: timedelta | None = None,
) -> Response:
    """What its programs need to know; the secret is shown here and never again."""
    return account.shown(
        visit,
        "apps_told.html",
        team=team,
        app=line(client, visit.desk.clock.now()),
        secret=secret,
        url=account.base_url,
        until=None if overlap is None else words.day(visit.desk.clock.now() + overlap),
        ends_now=overlap == timedelta(0),
    )


def line(client: Client, now: datetime) -> dict[str, Any]:
    """An app, as the pages show it."""
    return {
        "id": client.id,
        "name": client.name,
        "is_machine": app_wishes.kind_of(client.grant_types) is Kind.MACHINE,
        "shows_itself": _shows_itself(client),
        "has_secret": client.auth_method is AuthMethod.SECRET_BASIC,
        "has_keys_here": client.jwks is not None,
        "may": may(client.scopes),
        "redirect_uris": client.redirect_uris,
        "by": _("the operator of this hub")
        if client.registered_by is RegisteredBy.OPERATOR
        else _("somebody of the team"),
        "since": words.day(client.created_at),
        "used": words.used(client.last_used_at, now),
        "revoked": None if client.revoked_at is None else words.day(client.revoked_at),
    }


def may(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, _(scopes.SCOPES[name].consent)) for name in names if name in scopes.SCOPES]


def keys_in(text: str) -> object:
    """What was pasted; what it must be is decided in `auth/app_keys.py`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid(
            'This is no JSON. Paste the public keys as {"keys": [...]} (RFC 7517).', ("jwks",)
        ) from None


def _shows_itself(client: Client) -> str:
    match client.auth_method:
        case AuthMethod.SECRET_BASIC:
            return _("By a secret")
        case AuthMethod.PRIVATE_KEY_JWT:
            return _("By signing with keys of its own")
        case AuthMethod.NONE:
            return _("It cannot: it runs where nothing can be kept secret")


def _overlap(days: str) -> timedelta:
    if days not in OVERLAPS:
        most = LONGEST_OVERLAP.days
        raise Invalid(
            say("Choose how long the old secret goes on: %(most)s days at most.", most=most),
            ("overlap",),
        )
    return timedelta(days=int(days))
