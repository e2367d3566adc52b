"""Somebody's own page: their name and language, their teams, and the way to everything else; and
signing out."""

from starlette.responses import Response
from starlette.routing import Route

from auth import accounts, sessions
from domain.errors import Invalid
from languages.names import own_name
from web.account import problems
from web.account.visits import HOME, Account, Visit
from web.pages.languages import named

SIGN_OUT = "/account/sign-out"
PROFILE = f"{HOME}/profile"


def routes(account: Account) -> list[Route]:
    async def home(visit: Visit) -> Response:
        return await _shown(account, visit)

    async def change(visit: Visit) -> Response:
        form = await account.form(visit)
        session = visit.require_session()
        name, language = form.get("displayName", ""), form.get("preferredLanguage", "")
        try:
            await accounts.change_profile(visit.desk, session, name, language or None)
        except Invalid as problem:
            return await _shown(account, visit, problem, name)
        return account.prefers(account.sent_on(HOME))

    async def sign_out(visit: Visit) -> Response:
        await account.form(visit)
        if visit.session is not None:
            await sessions.end(visit.desk, visit.session, visit.session.id)
        return account.signed_out()

    return [
        account.route(HOME, home),
        account.route(PROFILE, change, "POST"),
        account.route(SIGN_OUT, sign_out, "POST"),
    ]


async def _shown(
    account: Account, visit: Visit, problem: Invalid | None = None, name: str | None = None
) -> Response:
    profile = await accounts.profile_of(visit.desk, visit.require_session())
    languages = dict(named())
    if profile.language is not None:
        languages.setdefault(profile.language, own_name(profile.language))
    return account.shown(
        visit,
        "account_home.html",
        problems.status_of(problem),
        profile=profile,
        name=profile.name if name is None else name,
        language=profile.language,
        languages=sorted(languages.items(), key=lambda each: each[1].casefold()),
        problems=problems.by_field(problem),
    )
