"""The servers beside ours are asked what our contract says, and look where we would look."""

import json
import subprocess
from itertools import product
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from graphql.language import print_ast
from graphql.language.ast import (
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
)

from bench import peers
from bench.bodies import QUESTIONS
from bench.servers.python.app import graphql_schema
from domain.geo import cells_near
from web.settings import TREE

SAME = (peers.SERVERS / "same.graphql").read_text("utf-8")
CONTRACT = (TREE / "schema" / "schema.graphql").read_text("utf-8")
Told = dict[str, set[str]]


def told(value: FieldDefinitionNode | InputValueDefinitionNode) -> set[str]:
    """What is said of a field or an argument, in lines that can be compared."""
    name, said = value.name.value, print_ast(value.type)
    if isinstance(value, InputValueDefinitionNode):
        default = value.default_value
        return {f"{name}: {said}" + (f" = {print_ast(default)}" if default else "")}
    arguments = value.arguments or ()
    return {f"{name}: {said}"} | {f"{name}({line})" for a in arguments for line in told(a)}


def every_type(text: str) -> Told:
    types: Told = {}
    for node in parse(text).definitions:
        match node:
            case ObjectTypeDefinitionNode() | InputObjectTypeDefinitionNode():
                lines = [line for field in node.fields or () for line in told(field)]
            case EnumTypeDefinitionNode():
                lines = [value.name.value for value in node.values or ()]
            case ScalarTypeDefinitionNode():
                lines = []
            case _:
                continue
        types[node.name.value] = set(lines)
    return types


def test_what_the_peers_serve_is_a_part_of_the_contract() -> None:
    ours, theirs = every_type(CONTRACT), every_type(SAME)
    assert theirs.keys() <= ours.keys()
    for name, lines in theirs.items():
        assert lines <= ours[name], name
    assert theirs["Visibility"] == ours["Visibility"]


def test_a_field_that_is_not_in_the_contract_is_noticed() -> None:
    theirs = every_type(SAME.replace("website: URL", "website: URL!"))
    assert not theirs["Organization"] <= every_type(CONTRACT)["Organization"]


@pytest.mark.parametrize("text", [CONTRACT, SAME, graphql_schema.as_str()])
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_can_be_asked_of_ours_and_of_the_peers(question: str, text: str) -> None:
    schema = build_schema(text, assume_valid_sdl=True)
    assert validate(schema, parse(QUESTIONS[question].document)) == []


def test_a_peer_with_documents_of_its_own_answers_every_question() -> None:
    for name, peer in peers.PEERS.items():
        if peer.documents is not None:
            assert peer.documents.keys() == QUESTIONS.keys(), name
            for key, document in peer.documents.items():
                operation = parse(document).definitions[0].to_dict()
                assert operation["name"]["value"] == QUESTIONS[key].name


def test_the_cells_around_a_place_are_those_that_the_rows_were_given() -> None:
    latitudes = (-90.0, -89.9, -41.29, 0.0, 0.1, 48.8566, 51.5074, 60.17, 84.999, 89.9, 90.0)
    longitudes = (-180.0, -179.99, -73.5673, -0.1278, 0.0, 13.405, 139.6503, 179.99)
    places = list(product(latitudes, longitudes, (0.5, 25.0, 100.0)))
    program = (
        "const { cellsNear } = await import(process.argv[1]);"
        "const places = JSON.parse(process.argv[2]);"
        "console.log(JSON.stringify(places.map((place) => cellsNear(...place))));"
    )
    cells = (peers.NODE_SERVERS / "cells.mjs").as_uri()
    done = subprocess.run(
        [peers.node("bin/node"), "--eval", program, cells, json.dumps(places)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    for place, found in zip(places, json.loads(done.stdout), strict=True):
        assert sorted(found) == sorted(cells_near(*place)), place


def test_the_lock_file_holds_what_is_asked_for_and_names_no_registry() -> None:
    lock = json.loads((peers.NODE_SERVERS / "package-lock.json").read_bytes())
    asked = json.loads((peers.NODE_SERVERS / "package.json").read_bytes())["dependencies"]
    assert lock["packages"][""]["dependencies"] == asked
    for name, wanted in asked.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == wanted
    for place, package in lock["packages"].items():
        assert "resolved" not in package
        assert place == "" or package["integrity"].startswith("sha512-"), place


def test_packages_that_cannot_be_fetched_leave_a_peer_out_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")  # RFC 863: nobody answers
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(peers.CannotRun) as refused:
        peers.PEERS["apollo"].prepare(tmp_path)
    assert refused.value.message.startswith("npm could not fetch its packages (exit code 1)")
    assert str(tmp_path) not in refused.value.message
    assert not list(tmp_path.glob("node-servers/*/complete"))
