"""An organization's own sign-in, as its OWNER and ADMINs set it up and take it away."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from auth import providers
from auth.providers import NewProvider, Providers
from domain.errors import NotFound, Problem, Refused
from domain.sign_in_providers import SignInProvider
from storage.sessions import Session
from web.account import problems, words
from web.account.visits import Account, SignInFirst, Visit

TEAM_PROVIDERS = "/account/team/{slug}/providers"


def routes(account: Account, given: Providers) -> list[Route]:
    pages = _Pages(account, given)
    return [
        account.route(TEAM_PROVIDERS, pages.kept, "GET", "POST"),
        account.route(f"{TEAM_PROVIDERS}/{{id}}/remove", pages.remove, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    account: Account
    given: Providers

    async def kept(self, visit: Visit) -> Response:
        if visit.request.method != "POST":
            return await self._shown(visit, visit.require_session())
        form = await self.account.form(visit)
        session = self._fresh(visit)
        new = NewProvider(
            name=form.get("name", ""),
            issuer=form.get("issuer", ""),
            client_id=form.get("clientId", ""),
            secret=form.get("clientSecret"),
        )
        try:
            added = await providers.add(self.given, visit.desk, session, self._slug(visit), new)
        except (NotFound, Refused):
            raise
        except Problem as problem:
            if problem.code == "RATE_LIMITED":
                raise
            return await self._shown(visit, session, form, problem)
        return self.account.sent_on(f"{self._here(visit)}#{added.id}")

    async def remove(self, visit: Visit) -> Response:
        session, slug = self._fresh(visit), self._slug(visit)
        provider_id = visit.request.path_params["id"]
        if visit.request.method == "POST":
            await self.account.form(visit)
            await providers.remove(visit.desk, session, slug, provider_id)
            return self.account.sent_on(self._here(visit))
        kept = await providers.of_organization(visit.desk, session, slug)
        found = next((each for each in kept if each.id == provider_id), None)
        if found is None:
            raise NotFound("There is no such sign-in here, or not any more.")
        return self.account.shown(
            visit, "team_provider_remove.html", provider=found, back=self._here(visit)
        )

    async def _shown(
        self,
        visit: Visit,
        session: Session,
        typed: Mapping[str, str] | None = None,
        problem: Problem | None = None,
    ) -> Response:
        kept = await providers.of_organization(visit.desk, session, self._slug(visit))
        return self.account.shown(
            visit,
            "team_providers.html",
            problems.status_of(problem),
            here=self._here(visit),
            kept=[self._line(each) for each in kept],
            typed=typed or {},
            problems=problems.by_field(problem),
        )

    def _line(self, provider: SignInProvider) -> dict[str, str]:
        return {
            "id": provider.id,
            "name": provider.name,
            "issuer": provider.issuer,
            "client_id": provider.client_id,
            "callback": self.given.callback(provider.id),
            "since": words.day(provider.created_at),
        }

    def _fresh(self, visit: Visit) -> Session:
        """Whoever must sign in again comes back to the page, not to a form's address."""
        try:
            return visit.require_fresh()
        except SignInFirst as first:
            raise SignInFirst(self._here(visit), again=first.again) from None

    def _slug(self, visit: Visit) -> str:
        slug: str = visit.request.path_params["slug"]
        return slug

    def _here(self, visit: Visit) -> str:
        return TEAM_PROVIDERS.replace("{slug}", self._slug(visit))
