"""A room is a page of the console: of one organization, for somebody of its team.

What a room is handed, how it shows itself, and how it takes a form. Whoever is not in the team finds
nothing there, as with an organization that is not there at all.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from auth import console
from auth.console import Acting
from domain.errors import BadInput, NotFound
from web.account.visits import Account, Visit
from web.console.talking import Done, Line, Talk
from web.feeds.asking import NotUnderstood
from web.forms import Form
from web.speaking import refusal

CONSOLE = "/console"
AT = f"{CONSOLE}/{{slug}}"
# A description of twenty thousand letters, of which each is written as nine (Arabic, in a form).
MOST_BYTES = 512_000


def address_of(slug: str) -> str:
    """Where the console of an organization begins."""
    return AT.format(slug=quote(slug, safe=""))


@dataclass(frozen=True, slots=True)
class Room:
    """One visit to a page of the console."""

    visit: Visit
    acting: Acting
    talk: Talk

    @property
    def home(self) -> str:
        """Where the console of this organization begins."""
        return address_of(self.acting.organization.slug)

    @property
    def organization_id(self) -> str:
        return self.acting.organization.id

    @property
    def is_sent(self) -> bool:
        return self.visit.request.method == "POST"

    @property
    def said(self) -> Mapping[str, str]:
        """The words of the address, behind its question mark."""
        return self.visit.request.query_params

    def to(self, *parts: str, **words: str) -> str:
        """The address of another page of this console: `to("events", id, "edit")`."""
        path = "/".join([self.home, *(quote(part, safe="@:") for part in parts)])
        said = "&".join(f"{name}={quote(word, safe='')}" for name, word in words.items())
        return f"{path}?{said}" if said else path


Page = Callable[[Room], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Console:
    """What every room is made with."""

    account: Account
    line: Line

    def route(self, path: str, page: Page, *methods: str, fresh: bool = False) -> Route:
        """`path` is behind the organization's: `/events`. `fresh` is for what binds the organization:
        whoever comes shows once more who they are, where that is some minutes ago."""

        async def entered(visit: Visit) -> Response:
            session = visit.require_fresh() if fresh else visit.require_session()
            acting = await console.for_organization(
                visit.desk, session, visit.request.path_params["slug"]
            )
            try:
                return await page(Room(visit, acting, self.line.talk(visit, acting)))
            except NotUnderstood as problem:
                raise BadInput(problem.message) from None

        return self.account.route(AT + path, entered, *(methods or ("GET",)))

    def shown(self, room: Room, template: str, status: int = 200, **given: Any) -> Response:
        """Every template here extends `console.html`."""
        return self.account.shown(
            room.visit,
            template,
            status,
            room=room,
            organization=room.acting.organization,
            role=room.acting.role,
            once=room.talk.once(),
            **given,
        )

    async def form(self, room: Room, most_bytes: int = MOST_BYTES) -> Form:
        """What was sent, or `Forged`. Call it before anything else."""
        return await self.account.form(room.visit, most_bytes)

    def sent_on(self, to: str) -> Response:
        return self.account.sent_on(to)


def given_id(room: Room) -> str:
    """The id in the address."""
    found: str = room.visit.request.path_params["id"]
    return found


def there(thing: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The thing, or `NotFound`: what is not there and what may not be seen are the same."""
    if thing is None:
        raise NotFound("There is nothing here that you may see. It may have been taken away.")
    return thing


def by_field(done: Done | None, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """What is wrong, as `fields.html` shows it: by the field of the form. `names` are the form's own
    names where they differ from the contract's; what is of no field is said of `main`."""
    problems: dict[str, str] = {}
    for each in done.problems if done else ():
        path = [part for part in each.field if part != "input"]
        name = "-".join(path) or "main"
        problems.setdefault((names or {}).get(name, name), refusal(each.message))
    return problems
