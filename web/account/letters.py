"""Which organizations write to a person each week."""

from starlette.responses import Response
from starlette.routing import Route

from auth import mail_choices
from web.account.visits import HOME, Account, Visit

LETTERS = f"{HOME}/letters"
_FIELD = "weekly-"


def routes(account: Account) -> list[Route]:
    async def shown(visit: Visit) -> Response:
        address, choices = await mail_choices.of_person(visit.desk, visit.require_session())
        return account.shown(
            visit, "account_letters.html", address=address, choices=choices, field=_FIELD
        )

    async def choose(visit: Visit) -> Response:
        form = await account.form(visit)
        session = visit.require_session()
        chosen = [name.removeprefix(_FIELD) for name in form if name.startswith(_FIELD)]
        await mail_choices.choose(visit.desk, session, chosen)
        return account.sent_on(LETTERS)

    return [account.route(LETTERS, shown), account.route(LETTERS, choose, "POST")]
