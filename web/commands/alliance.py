"""Found alliances on this hub, fill them, and publish what their members agree to.

Look next at `resolvers/alliances.py`, which does it.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import select

from domain.alliances import AllianceKind, AllianceRole
from domain.errors import Invalid
from domain.sharing import FINAL_STATUSES, JoinPolicy, MembershipStatus, Visibility
from resolvers import alliances
from resolvers.alliances import NewAgreement, NewAlliance
from storage import tables as t
from storage.agreements import missing
from web.commands._hub import DataOption
from web.commands._operating import Operating, operating
from web.commands._output import AsJson, command, console, print_json

GROUP = "Look after it"
app = command("alliance")

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="The alliance, by its short name.")]


@app.callback(epilog="Example: [bold]./convoke alliance list[/], and one in each --help.")
def alliance() -> None:
    """Founds alliances on this hub, and makes organizations members of them.

    It is for the operator, who has asked the organizations: none of them is asked here.
    """


@app.command(
    epilog="Example: [bold]./convoke alliance create city-table --name 'City Table' "
    "--purpose 'Nobody goes to bed hungry.' --convener pantry --member shelter[/]"
)
def create(
    slug: Slug,
    name: Annotated[str, typer.Option("--name", help="What it is called.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What it is for, in a sentence.")],
    convener: Annotated[
        str, typer.Option("--convener", metavar="SLUG", help="The organization that convenes it.")
    ],
    member: Annotated[
        list[str] | None,
        typer.Option(
            "--member",
            metavar="SLUG",
            help="An organization that is in it; more than once for more.",
            show_default=False,
        ),
    ] = None,
    description: Annotated[
        str | None, typer.Option("--description", help="At length.", show_default=False)
    ] = None,
    kind: Annotated[
        AllianceKind, typer.Option("--kind", help="What kind of alliance it is.")
    ] = AllianceKind.COALITION,
    join_policy: Annotated[
        JoinPolicy, typer.Option("--join-policy", help="How an organization comes in.")
    ] = JoinPolicy.INVITE_ONLY,
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
    """Founds an alliance with its convener and members. It is active with two organizations."""

    async def created() -> dict[str, Any]:
        async with operating(data) as operator:
            convener_id = await operator.organization_called(convener)
            members = [
                await operator.organization_called(one) for one in dict.fromkeys(member or ())
            ]
            new = NewAlliance(
                convener_id=convener_id,
                slug=slug,
                name=name,
                purpose=purpose,
                description=description,
                kind=kind,
                join_policy=join_policy,
                causes=tuple(cause or ()),
                visibility=visibility,
            )
            async with operator.context(convener_id) as ctx:
                alliance_id = await alliances.create(ctx, new)
                for organization_id in members:
                    if organization_id != convener_id:
                        await alliances.add_member(ctx, alliance_id, organization_id)
            return await shown(operator, slug)

    tell(asyncio.run(created()), as_json)


@app.command("list", epilog="Example: [bold]./convoke alliance list --json[/]")
def list_(data: DataOption = None, as_json: AsJson = False) -> None:
    """Lists the alliances of this hub with their members, by name."""
    found = asyncio.run(listed(data))
    if as_json:
        print_json(found)
    elif found:
        show_list(found)
    else:
        print("There are no alliances yet: ./convoke alliance create --help")


@app.command(
    "add-member",
    epilog="Example: [bold]./convoke alliance add-member city-table --organization library[/]",
)
def add_member(
    slug: Slug,
    organization: Annotated[
        str, typer.Option("--organization", metavar="SLUG", help="The organization that comes in.")
    ],
    role: Annotated[
        AllianceRole, typer.Option("--role", help="Its part in the alliance.")
    ] = AllianceRole.MEMBER,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Invites an organization and accepts for it, which said so; both are in the audit.

    Where the alliance has required agreements, it is in once it has accepted them:
    ./convoke alliance accept.
    """
    if role is AllianceRole.CONVENER:
        raise Invalid("An alliance has one convener: choose another --role.")

    async def added() -> dict[str, Any]:
        async with operating(data) as operator:
            found = await operator.alliance_called(slug)
            organization_id = await operator.organization_called(organization)
            async with operator.context(found.convener_id) as ctx:
                await alliances.add_member(ctx, found.id, organization_id, role)
            return await shown(operator, slug)

    tell(asyncio.run(added()), as_json)


@app.command(
    "accept",
    epilog="Example: [bold]./convoke alliance accept city-table --organization library[/]",
)
def accept(
    slug: Slug,
    organization: Annotated[
        str, typer.Option("--organization", metavar="SLUG", help="The organization that accepts.")
    ],
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Accepts for an organization, which said so, each required agreement that it lacks."""

    async def accepted() -> dict[str, Any]:
        async with operating(data) as operator:
            found = await operator.alliance_called(slug)
            organization_id = await operator.organization_called(organization)
            async with operator.database.reading() as db:
                lacking = await missing(db, found.id, organization_id, operator.clock.now())
            for one in lacking:
                async with operator.context(organization_id) as ctx:
                    await alliances.accept_agreement(ctx, one.id, organization_id)
            return await shown(operator, slug)

    tell(asyncio.run(accepted()), as_json)


@app.command(
    "publish-agreement",
    epilog="Example: [bold]./convoke alliance publish-agreement city-table --title Charter "
    "--file charter.txt --accepted-by pantry --accepted-by shelter[/]",
)
def publish_agreement(
    slug: Slug,
    title: Annotated[
        str, typer.Option("--title", help="What it is called; the same again is its next version.")
    ],
    file: Annotated[
        typer.FileText,
        typer.Option("--file", encoding="utf-8", help="The text that holds its words; - is input."),
    ],
    language: Annotated[
        str | None,
        typer.Option("--language", help="What it is written in (BCP 47).", show_default=False),
    ] = None,
    optional: Annotated[
        bool, typer.Option("--optional", help="Members may leave it unaccepted.")
    ] = False,
    accepted_by: Annotated[
        list[str] | None,
        typer.Option(
            "--accepted-by",
            metavar="SLUG",
            help="A member that has accepted it already; more than once for more.",
            show_default=False,
        ),
    ] = None,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Publishes what members agree to. A new version has to be accepted again by each."""
    try:
        body = file.read()
    except UnicodeDecodeError:
        raise Invalid(f"{file.name} is no text in UTF-8. Save it as such.") from None

    async def published() -> dict[str, Any]:
        async with operating(data) as operator:
            found = await operator.alliance_called(slug)
            members = [
                await members_id(operator, found.id, one)
                for one in dict.fromkeys(accepted_by or ())
            ]
            new = NewAgreement(
                alliance_id=found.id,
                title=title,
                body=body,
                language=language,
                required=not optional,
            )
            async with operator.context(found.convener_id) as ctx:
                agreement_id = await alliances.publish_agreement(ctx, new)
            for organization_id in members:
                async with operator.context(organization_id) as ctx:
                    await alliances.accept_agreement(ctx, agreement_id, organization_id)
            return {"id": agreement_id, "alliance": found.slug, "title": title}

    made = asyncio.run(published())
    if as_json:
        print_json(made | {"acceptedBy": sorted(set(accepted_by or ()))})
    else:
        print(f"{made['title']} is published: {made['id']}")


async def members_id(operator: Operating, alliance_id: str, slug: str) -> str:
    """Said before anything is published, so that a misspelt name leaves nothing half done."""
    organization_id = await operator.organization_called(slug)
    member = t.alliance_members
    standing = select(member.c.id).where(
        member.c.alliance_id == alliance_id,
        member.c.organization_id == organization_id,
        member.c.status.in_([MembershipStatus.ACTIVE, MembershipStatus.PENDING_AGREEMENT]),
    )
    async with operator.database.reading() as db:
        if await db.scalar(standing) is None:
            raise Invalid(f"{slug} is no member of the alliance: ./convoke alliance add-member.")
    return organization_id


async def listed(data: Path | None) -> list[dict[str, Any]]:
    async with operating(data) as operator:
        async with operator.database.reading() as db:
            slugs = await db.scalars(
                select(t.alliances.c.slug)
                .where(t.alliances.c.hub_id == operator.hub.id)
                .order_by(t.alliances.c.name, t.alliances.c.id)
            )
            found = slugs.all()
        return [await shown(operator, slug) for slug in found]


async def shown(operator: Operating, slug: str) -> dict[str, Any]:
    found = await operator.alliance_called(slug)
    async with operator.database.reading() as db:
        members = await db.execute(
            select(t.organizations.c.slug, t.alliance_members.c.role, t.alliance_members.c.status)
            .join(t.organizations, t.organizations.c.id == t.alliance_members.c.organization_id)
            .where(
                t.alliance_members.c.alliance_id == found.id,
                t.alliance_members.c.status.not_in(sorted(FINAL_STATUSES)),
            )
            .order_by(t.alliance_members.c.joined_at, t.organizations.c.slug)
        )
    return {
        "id": found.id,
        "slug": found.slug,
        "name": found.name,
        "purpose": found.purpose,
        "kind": found.kind,
        "status": found.status,
        "visibility": found.visibility,
        "members": [{"slug": row.slug, "role": row.role, "status": row.status} for row in members],
    }


def tell(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        print(f"{found['name']} ({found['id']}) is {found['status']}: {in_words(found['members'])}")


def show_list(found: Sequence[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("slug", "name", "status", "members"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "slug")
    for one in found:
        table.add_row(one["slug"], one["name"], one["status"], in_words(one["members"]))
    console().print(table)


def in_words(members: Sequence[dict[str, str]]) -> str:
    usual = {AllianceRole.MEMBER, MembershipStatus.ACTIVE}
    told = []
    for one in members:
        unusual = [one[part] for part in ("role", "status") if one[part] not in usual]
        told.append(f"{one['slug']} ({', '.join(unusual)})" if unusual else one["slug"])
    return ", ".join(told)
