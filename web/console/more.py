"""What there is beside events, alliances and groups: a page of links."""

from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from languages import gettext as _
from web.account import team
from web.console.rooms import Console, Room

# Each room by its address, with what it is for.
ROOMS = (
    ("organization", N_("Your organization"), N_("What its public page says")),
    ("impact", N_("What came of it"), N_("People, in numbers, by month and by alliance")),
    ("history", N_("Who did what"), N_("Everything that was done, by whom and when")),
    (
        "embed",
        N_("On your own site"),
        N_("Your dates on pages of yours, and which sites may show them"),
    ),
    ("imports", N_("Import a calendar"), N_("Events from a file or an address")),
    ("duplicates", N_("Entered twice?"), N_("Events that may be one and the same")),
    ("hubs", N_("Other hubs"), N_("Whom this hub works with, and how well")),
)


def routes(console: Console) -> list[Route]:
    async def more(room: Room) -> Response:
        slug = room.acting.organization.slug
        elsewhere = (
            (team.address_of(slug), N_("Team"), N_("Who works here, and what they may do")),
            (f"/account/apps/{slug}", N_("Apps"), N_("Programs that act for the organization")),
            ("/account/letters", N_("Letters"), N_("Which letters you get")),
            ("/account/calendar", N_("Your calendar"), N_("Your own dates in your calendar app")),
        )
        rooms = tuple((room.to(name), *words) for name, *words in ROOMS)
        return console.shown(
            room,
            "console_more.html",
            page="more",
            rooms=[(at, _(name), _(about)) for at, name, about in (*rooms, *elsewhere)],
        )

    return [console.route("/more", more)]
