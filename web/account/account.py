"""Signing out."""

from starlette.responses import Response
from starlette.routing import Route

from auth import sessions
from web.account.visits import Account, Visit

SIGN_OUT = "/account/sign-out"


def routes(account: Account) -> list[Route]:
    async def sign_out(visit: Visit) -> Response:
        await account.form(visit)
        if visit.session is not None:
            await sessions.end(visit.desk, visit.session, visit.session.id)
        return account.signed_out()

    return [account.route(SIGN_OUT, sign_out, "POST")]
