"""Found organizations on this hub, look at them, and invite their first people.

Look next at `resolvers/organizations.py` and `auth/team_invitations.py`, which do it.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import func, select

from auth import team_invitations
from auth.desk import Desk
from auth.letters import Place
from auth.team_invitations import Invitation
from domain.actors import TeamRole
from domain.errors import NotFound
from domain.organizations import Organization
from domain.people import Contact
from domain.sharing import MembershipStatus, Visibility
from resolvers import organizations
from resolvers.organizations import NewOrganization
from storage import organizations as stored
from storage import tables as t
from storage import teams
from storage.engine import Reading
from web.commands._hub import DataOption
from web.commands._operating import Operating, operating
from web.commands._output import AsJson, command, console, print_json
from web.outside import SystemChance

GROUP = "Look after it"
app = command("organization")

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="Its short name, as in addresses.")]


@app.callback(epilog="Example: [bold]./convoke organization list[/], and one in each --help.")
def organization() -> None:
    """Founds organizations on this hub, invites their first people, and shows them: those that
    nobody else may see, too."""


@app.command(
    epilog="Example: [bold]./convoke organization create river-city-pantry "
    "--name 'River City Pantry' --time-zone America/Indiana/Indianapolis --language en[/]"
)
def create(
    slug: Slug,
    name: Annotated[str, typer.Option("--name", help="What it is called.")],
    time_zone: Annotated[
        str, typer.Option("--time-zone", help="Where it is, as IANA says: Europe/Berlin.")
    ],
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language",
            help="What it speaks (BCP 47), more than once for more; its words are in the first.",
            show_default=False,
        ),
    ] = None,
    summary: Annotated[
        str | None, typer.Option("--summary", help="What it is, in a sentence.", show_default=False)
    ] = None,
    website: Annotated[
        str | None, typer.Option("--website", help="Its own site.", show_default=False)
    ] = None,
    email: Annotated[
        str | None, typer.Option("--email", help="Where to write to it.", show_default=False)
    ] = None,
    cause: Annotated[
        list[str] | None,
        typer.Option(
            "--cause", help="What it works for; more than once for more.", show_default=False
        ),
    ] = None,
    visibility: Annotated[
        Visibility, typer.Option("--visibility", help="Who may know of it.")
    ] = Visibility.PUBLIC,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Founds an organization, and prints its id. Its people come in later, its apps by
    ./convoke client create."""
    new = NewOrganization(
        slug=slug,
        name=name,
        summary=summary,
        website=website,
        causes=tuple(cause or ()),
        languages=tuple(language or ()),
        time_zone=time_zone,
        contact=Contact(email=email),
        visibility=visibility,
    )
    made = asyncio.run(created(data, new))
    if as_json:
        print_json(shown(made))
    else:
        print(f"{made.name} is founded: {made.id}")
        print(f"Next, its first person: ./convoke organization invite {slug} --role OWNER ADDRESS")
        print(f"And an app of its own: ./convoke client create --organization {slug} --name ...")


@app.command(
    epilog="Example: [bold]./convoke organization invite river-city-pantry "
    "--role OWNER anna@pantry.example[/]"
)
def invite(
    slug: Slug,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Whom to invite, by their email address.")
    ],
    role: Annotated[TeamRole, typer.Option("--role", help="What they will be in its team.")],
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Invites somebody into an organization's team: posts the letter, and prints its link.

    Whoever has the link joins, and is taken to read that address. An invitation
    that waits for the same address is replaced.
    """
    invitation, link = asyncio.run(invited(data, slug, address, role))
    if as_json:
        print_json(
            {
                "address": invitation.address,
                "role": invitation.role,
                "link": link,
                "expiresAt": invitation.expires_at.isoformat(),
            }
        )
    else:
        print(f"{invitation.address} is invited, until {invitation.expires_at:%Y-%m-%d}:\n{link}")
        print("Where mail works, they get it in a letter. Give it to nobody else.")


@app.command("list", epilog="Example: [bold]./convoke organization list --json[/]")
def list_(data: DataOption = None, as_json: AsJson = False) -> None:
    """Lists the organizations of this hub, by name."""
    found = asyncio.run(listed(data))
    if as_json:
        print_json([shown(one) for one in found])
    elif found:
        show_list(found)
    else:
        print("There are no organizations yet: ./convoke organization create --help")


@app.command(epilog="Example: [bold]./convoke organization show river-city-pantry[/]")
def show(slug: Slug, data: DataOption = None, as_json: AsJson = False) -> None:
    """Shows one organization: what it says of itself, its people, its alliances."""
    found = asyncio.run(details(data, slug))
    if as_json:
        print_json(found)
        return
    width = max(map(len, found))
    for name, value in found.items():
        if value not in (None, [], {}):
            print(f"{name:{width}}  {said(value)}")


async def created(data: Path | None, new: NewOrganization) -> Organization:
    async with operating(data) as operator:
        async with operator.context() as ctx:
            made = await organizations.create(ctx, new)
        return await organization_of(operator, made)


async def invited(
    data: Path | None, slug: str, address: str, role: TeamRole
) -> tuple[Invitation, str]:
    # Here, and not above: what the pages lean on is not loaded for --help.
    from web.account.invitation import INVITATION

    async with operating(data) as operator:
        hub, chance = operator.hub, SystemChance()
        desk = Desk(operator.database, operator.names, operator.clock, chance, operator.request_id)
        found = await organization_of(operator, await operator.organization_called(slug))
        organization = teams.Organization(found.id, found.slug, found.name)
        place = Place(hub.name, hub.url + INVITATION)
        return await team_invitations.invite_as_operator(desk, place, organization, address, role)


async def listed(data: Path | None) -> list[Organization]:
    async with operating(data) as operator, operator.database.reading() as db:
        ids = await db.scalars(
            select(t.organizations.c.id)
            .where(t.organizations.c.hub_id == operator.hub.id)
            .order_by(t.organizations.c.name, t.organizations.c.id)
        )
        found = [await stored.by_id(db, one) for one in ids.all()]
        return [one for one in found if one is not None]


async def details(data: Path | None, slug: str) -> dict[str, Any]:
    async with operating(data) as operator:
        organization_id = await operator.organization_called(slug)
        found = await organization_of(operator, organization_id)
        async with operator.database.reading() as db:
            return shown(found) | await around(db, organization_id)


async def organization_of(operator: Operating, organization_id: str) -> Organization:
    async with operator.database.reading() as db:
        found = await stored.by_id(db, organization_id)
    if found is None:
        raise NotFound(f"There is no organization {organization_id}.")
    return found


async def around(db: Reading, organization_id: str) -> dict[str, Any]:
    """Its people, its alliances, and how much it has published."""
    team = await db.execute(
        select(t.persons.c.display_name, t.team_members.c.role)
        .join(t.persons, t.persons.c.id == t.team_members.c.person_id)
        .where(t.team_members.c.organization_id == organization_id)
        .order_by(t.team_members.c.since, t.team_members.c.id)
    )
    alliances = await db.execute(
        select(t.alliances.c.slug, t.alliance_members.c.role)
        .join(t.alliances, t.alliances.c.id == t.alliance_members.c.alliance_id)
        .where(
            t.alliance_members.c.organization_id == organization_id,
            t.alliance_members.c.status == MembershipStatus.ACTIVE,
        )
        .order_by(t.alliances.c.slug)
    )
    counts = {
        table.name: await db.scalar(
            select(func.count())
            .select_from(table)
            .where(table.c.organization_id == organization_id)
        )
        for table in (t.groups, t.events)
    }
    return {
        "team": [{"name": row.display_name, "role": row.role} for row in team],
        "alliances": [{"slug": row.slug, "role": row.role} for row in alliances],
        **counts,
    }


def show_list(found: Sequence[Organization]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("slug", "name", "visibility"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "slug")
    for one in found:
        table.add_row(one.slug, one.name, one.visibility)
    console().print(table)


def said(value: Any) -> str:
    match value:
        case list():
            return ", ".join(said(one) for one in value)
        case dict():
            return " ".join(said(one) for one in value.values() if one is not None)
        case _:
            return str(value)


def shown(one: Organization) -> dict[str, Any]:
    return {
        "id": one.id,
        "slug": one.slug,
        "name": one.name,
        "summary": one.summary,
        "website": one.website,
        "causes": list(one.causes),
        "languages": list(one.languages),
        "timeZone": one.time_zone,
        "visibility": one.visibility,
        "createdAt": one.created_at.isoformat(),
    }
