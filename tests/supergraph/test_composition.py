"""The hub's contract and a partner's compose, by two composers that others have written; and what
contradicts the hub's does not."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import ObjectTypeDefinitionNode, parse, print_ast

from schema.root import graphql_schema
from tests.npm import NODE, fetched
from tests.supergraph.conftest import DEPLOYED

HERE = Path(__file__).parent
HUB = graphql_schema.as_str()
COMPOSERS = ("@apollo/composition", "@theguild/federation-composition")
LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.7",
  import: ["@key", "@requiresScopes", "@external", "@requires"])"""


@cache
def partner() -> str:
    """The contract of the example in deploy/supergraph, as its own process tells it."""
    told = "from carpools.contract import graphql_schema; print(graphql_schema.as_str())"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=DEPLOYED, capture_output=True, text=True, check=True
    )
    return done.stdout


@cache
def composed(*partners: str) -> dict[str, Any]:
    """What each composer says of the hub's contract with these."""
    parts = [{"name": "hub", "url": "http://hub.test/subgraph", "sdl": HUB}]
    parts += [
        {"name": name, "url": f"http://{name}.test/graphql", "sdl": sdl}
        for name, sdl in zip(("carpools", "shifts"), partners, strict=False)
    ]
    done = subprocess.run(
        [NODE, str(HERE / "composing.mjs"), str(fetched(HERE, "composers"))],
        input=json.dumps(parts),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@cache
def read(supergraph: str) -> dict[str, ObjectTypeDefinitionNode]:
    definitions = parse(supergraph).definitions
    return {
        each.name.value: each for each in definitions if isinstance(each, ObjectTypeDefinitionNode)
    }


def said(supergraph: str, name: str) -> set[str]:
    """The directives on a type or a field (`Event.title`), as they are written."""
    type_name, _, field_name = name.partition(".")
    kind = read(supergraph)[type_name]
    fields = {each.name.value: each for each in kind.fields or ()}
    node = fields[field_name] if field_name else kind
    return {print_ast(directive) for directive in node.directives or ()}


@pytest.mark.parametrize("composer", COMPOSERS)
def test_the_hub_composes_alone(composer: str) -> None:
    told = composed()[composer]
    assert told["errors"] == []
    parse(told["supergraph"])


@pytest.mark.parametrize("composer", COMPOSERS)
def test_the_hub_composes_with_the_partner_of_the_example(composer: str) -> None:
    told = composed(partner())[composer]
    assert told["errors"] == []
    supergraph = told["supergraph"]
    assert said(supergraph, "Event") >= {
        '@join__type(graph: HUB, key: "id")',
        '@join__type(graph: CARPOOLS, key: "id")',
    }
    assert "@join__field(graph: CARPOOLS)" in said(supergraph, "Event.carpools")
    assert "@join__field(graph: HUB)" in said(supergraph, "Event.title")


@pytest.mark.parametrize("composer", COMPOSERS)
def test_what_a_token_needs_is_in_the_supergraph(composer: str) -> None:
    """A gateway knows of no scope but those that the composer kept."""
    supergraph = composed(partner())[composer]["supergraph"]
    reads = '@requiresScopes(scopes: [["events:read"]])'
    for name in ("Event", "Carpool", "Event.carpools", "Query.events"):
        assert reads in said(supergraph, name), name
    assert '@requiresScopes(scopes: [["contacts:read"]])' in said(supergraph, "Contact")
    assert "@authenticated" in said(supergraph, "Viewer")


@pytest.mark.parametrize("composer", COMPOSERS)
def test_the_words_of_an_event_are_the_hub_s(composer: str) -> None:
    """A composer takes some service's: the partner has none for what is not its own."""
    supergraph = composed(partner())[composer]["supergraph"]
    for name in ("Event", "Organization"):
        ours, theirs = (read(each)[name].description for each in (HUB, supergraph))
        assert ours is not None
        assert theirs is not None
        assert theirs.value.split() == ours.value.split()


BROKEN = {
    "a title of another type": f"""{LINK}
        type Event @key(fields: "id") {{ id: ID! title: Int }}""",
    "a title of its own": f"""{LINK}
        type Event @key(fields: "id") {{ id: ID! title: String! }}""",
    "no key": f"""{LINK}
        type Event {{ id: ID! carpools: Int }}
        type Query {{ carpools: [Event] }}""",
    "a key that there is not": f"""{LINK}
        type Event @key(fields: "number") {{ id: ID! carpools: Int }}""",
    "needs what the hub has not": f"""{LINK}
        type Event @key(fields: "id") {{
          id: ID! miles: Int @external carpools: Int @requires(fields: "miles") }}""",
    "a root field of the hub's": f"""{LINK}
        type Query {{ node(id: ID!): String }}""",
}


@pytest.mark.parametrize("composer", COMPOSERS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_contradiction_is_refused(broken: str, composer: str) -> None:
    told = composed(BROKEN[broken])[composer]
    assert told["errors"]
    assert told.get("supergraph") is None


@pytest.mark.parametrize("composer", COMPOSERS)
def test_two_partners_extend_the_same_event(composer: str) -> None:
    shifts = f"""{LINK}
        type Event @key(fields: "id") {{ id: ID! openShifts: Int }}"""
    told = composed(partner(), shifts)[composer]
    assert told["errors"] == []
    assert "@join__field(graph: SHIFTS)" in said(told["supergraph"], "Event.openShifts")


@pytest.mark.parametrize("composer", COMPOSERS)
@pytest.mark.parametrize("version", ["2.3", "2.9"])
def test_a_partner_may_say_an_older_or_a_newer_version(version: str, composer: str) -> None:
    told = composed(f"""
        extend schema @link(
          url: "https://specs.apollo.dev/federation/v{version}", import: ["@key"])
        type Event @key(fields: "id") {{ id: ID! carpools: Int }}""")[composer]
    assert told["errors"] == []
    assert "@join__field(graph: CARPOOLS)" in said(told["supergraph"], "Event.carpools")
