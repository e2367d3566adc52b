"""A new app of an organization: first which kind it is, in plain words, then what it needs to say."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from auth import app_wishes, scopes, team_apps
from auth.app_wishes import Wish
from auth.teams import Organization
from domain.apps import RegisteredBy
from domain.errors import Invalid, NotFound, Problem
from languages import N_
from web.account import problems
from web.account.apps import OF_TEAM, keys_in, may, team_of, told
from web.account.visits import Account, Form, Visit

REGISTER = f"{OF_TEAM}/register"
_BOX = "scope:"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of app, as somebody who has one would say it."""

    heading: str
    meaning: str
    kind: app_wishes.Kind
    is_public: bool
    has_addresses: bool

    @property
    def offered(self) -> tuple[str, ...]:
        if self.kind is app_wishes.Kind.MACHINE:
            return scopes.FOR_MACHINES
        never = scopes.beyond(scopes.FOR_PEOPLE, RegisteredBy.TEAM)
        return tuple(name for name in scopes.FOR_PEOPLE if name not in never)


KINDS: Mapping[str, Kind] = {
    "machine": Kind(
        N_("A machine"),
        N_(
            "A website, server or script of yours that acts by itself, in the name of the organization "
            "and of no person: it shows your events on your site, or brings them in from elsewhere."
        ),
        app_wishes.Kind.MACHINE,
        is_public=False,
        has_addresses=False,
    ),
    "website": Kind(
        N_("A website that people sign in to"),
        N_(
            "It acts for whoever lets it in, as far as they may themselves. It has a server of its own, "
            "where a secret stays secret."
        ),
        app_wishes.Kind.PEOPLE,
        is_public=False,
        has_addresses=True,
    ),
    "app": Kind(
        N_("An app on phones or computers"),
        N_(
            "It acts for whoever lets it in, as far as they may themselves. A page without a server of "
            "its own is such an app too. It has no secret, because anybody could read it there."
        ),
        app_wishes.Kind.PEOPLE,
        is_public=True,
        has_addresses=True,
    ),
    "device": Kind(
        N_("A screen, or a program in a terminal"),
        N_(
            "It acts for whoever lets it in, and has no browser: it shows a code, which they type on "
            "their phone."
        ),
        app_wishes.Kind.PEOPLE,
        is_public=True,
        has_addresses=False,
    ),
}


def routes(account: Account) -> list[Route]:
    pages = _Pages(account)
    return [
        account.route(REGISTER, pages.choose),
        account.route(f"{REGISTER}/{{kind}}", pages.register, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    account: Account

    async def choose(self, visit: Visit) -> Response:
        team = await team_of(visit, visit.require_session())
        return self.account.shown(visit, "apps_choose.html", team=team, kinds=KINDS)

    async def register(self, visit: Visit) -> Response:
        form = await self.account.form(visit) if visit.request.method == "POST" else None
        session = visit.require_fresh()
        team, kind = await team_of(visit, session), _kind(visit)
        problem: Problem | None = None
        if form is not None:
            try:
                made = await team_apps.register_for(visit.desk, session, team.id, _wish(kind, form))
            except Invalid as invalid:
                problem = invalid
            else:
                return told(self.account, visit, team, made.client, made.secret)
        return self._form(visit, team, kind, form, problem)

    def _form(
        self,
        visit: Visit,
        team: Organization,
        kind: Kind,
        form: Form | None,
        problem: Problem | None,
    ) -> Response:
        return self.account.shown(
            visit,
            "apps_register.html",
            problems.status_of(problem),
            team=team,
            kind=kind,
            offered=may(kind.offered),
            ticked=set(scopes.DEFAULT) if form is None else set(_ticked(form)),
            given=form or {},
            here=visit.request.url.path,
            problems=problems.by_field(problem),
        )


def _kind(visit: Visit) -> Kind:
    kind = KINDS.get(visit.request.path_params["kind"])
    if kind is None:
        raise NotFound("There is no such kind of app.", ("kind",))
    return kind


def _wish(kind: Kind, form: Form) -> Wish:
    addresses = form.get("redirect_uris", "").split()
    if kind.has_addresses and not addresses:
        raise Invalid(
            "Name at least one address to which people are sent back.", ("redirect_uris",)
        )
    keys = "" if kind.is_public else form.get("jwks", "").strip()
    return Wish(
        name=form.get("name", ""),
        kind=kind.kind,
        scopes=_ticked(form),
        redirect_uris=addresses if kind.has_addresses else (),
        is_public=kind.is_public,
        jwks=keys_in(keys) if keys else None,
    )


def _ticked(form: Form) -> list[str]:
    return [name.removeprefix(_BOX) for name in form if name.startswith(_BOX)]
