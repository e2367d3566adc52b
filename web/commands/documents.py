"""Trust documents: have clients' queries known by their ids, and with a setting run no others.

Look next at `web/commands/_document_files.py`, which reads them, and `docs/graphql.md`.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import Invalid
from resolvers import documents as desk
from resolvers.documents import Trusted
from schema.limits import Limits
from web.commands._document_files import read_all
from web.commands._hub import DataOption, settings_with
from web.commands._operating import operating
from web.commands._output import AsJson, command, print_json

GROUP = "Look after it"
app = command("documents")

Ids = Annotated[
    list[str],
    typer.Argument(metavar="ID...", help="As ./convoke documents list shows them."),
]


@app.callback(epilog="Example: [bold]./convoke documents list[/], and an example in each --help.")
def documents() -> None:
    """Trusts documents: adds them, lists them, removes them.

    A client asks for one by its id. With CONVOKE_DOCUMENTS=trusted a hub runs no others.
    """


@app.command(epilog="Example: [bold]./convoke documents add app.graphql persisted-queries.json[/]")
def add(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="A .graphql file is one document, taken as it is. A .json file is a manifest: "
            "ids and texts, as Relay, Apollo and graphql-codegen write it.",
        ),
    ],
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Trusts the documents of some files: all of them, or none where one is not good.

    Each is checked against this hub's contract and limits first. Hubs that run know it at once.
    """
    limits: Limits = settings_with(data).limits
    new = read_all(files, limits)

    async def added() -> set[str]:
        async with operating(data) as hub, hub.context() as context:
            return await desk.add(context, new)

    fresh = asyncio.run(added())
    if as_json:
        told = [
            {"id": f"sha256:{each.sha256}", "operations": list(each.operations)} for each in new
        ]
        print_json({"documents": told, "added": len(fresh)})
        return
    for each in new:
        already = "" if each.sha256 in fresh else "  (was trusted already)"
        print(f"sha256:{each.sha256}  {', '.join(each.operations)}{already}")


@app.command("list", epilog="Example: [bold]./convoke documents list --json[/]")
def list_(data: DataOption = None, as_json: AsJson = False) -> None:
    """Lists the trusted documents, by the time they were added."""

    async def found() -> list[Trusted]:
        async with operating(data) as hub, hub.context() as context:
            return await desk.listed(context)

    listed = asyncio.run(found())
    if as_json:
        print_json([shown(each) for each in listed])
        return
    for each in listed:
        names = ", ".join(each.operations)
        print(f"sha256:{each.sha256}  {each.added_at:%Y-%m-%d %H:%M}  {names}")
    if not listed:
        print("No documents are trusted yet: ./convoke documents add --help")


@app.command(epilog="Example: [bold]./convoke documents remove sha256:7dba4bd7…[/]")
def remove(ids: Ids, data: DataOption = None, as_json: AsJson = False) -> None:
    """Trusts some documents no longer: all of them, or none where one is not there.

    Hubs that run forget them within half a minute.
    """
    digests = sorted({digest_in(each) for each in ids})

    async def removed() -> None:
        async with operating(data) as hub, hub.context() as context:
            await desk.remove(context, digests)

    asyncio.run(removed())
    if as_json:
        print_json({"removed": [f"sha256:{digest}" for digest in digests]})
    else:
        print(f"{len(digests)} removed.")


def digest_in(given: str) -> str:
    digest = given.removeprefix("sha256:")
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise Invalid(f"{given} is no id: it is sha256: and 64 digits and letters a to f.")
    return digest


def shown(document: Trusted) -> dict[str, Any]:
    return {
        "id": f"sha256:{document.sha256}",
        "operations": list(document.operations),
        "characters": document.characters,
        "addedAt": document.added_at.isoformat(),
    }
