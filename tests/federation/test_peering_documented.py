"""What docs/peering.md says of the documents between hubs is what is served."""

import re
from pathlib import Path

import pytest

from auth import addresses
from tests.federation.neighbourhood import Neighbourhood

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "peering.md"


def fields_after(heading: str) -> set[str]:
    """The first column of the table behind those words."""
    text = PAGE.read_text("utf-8")
    table = text[text.index(heading) :].partition("| --- | --- |\n")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `([a-z_]+)`", table, re.MULTILINE))


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        (addresses.HUB, "**`/.well-known/convoke`** says"),
        (addresses.CLIENT_METADATA, "**The client's document**"),
    ],
)
async def test_every_field_is_explained_and_every_explained_one_is_served(
    neighbourhood: Neighbourhood, address: str, heading: str
) -> None:
    async with neighbourhood("a.test") as (a,):
        answer = await a.http.get(address)
        assert answer.headers["content-type"] == "application/json"
        assert set(answer.json()) == fields_after(heading)


async def test_the_example_of_an_assertion_names_what_is_sent(
    neighbourhood: Neighbourhood,
) -> None:
    async with neighbourhood("a.test") as (a,):
        said = (await a.http.get(addresses.CLIENT_METADATA)).json()
        text = PAGE.read_text("utf-8")
        for scope in said["scope"].split():
            assert scope in text
        for address in (addresses.HUB, addresses.CLIENT_METADATA):
            assert address in text
