"""./convoke documents: what the operator trusts, checked before any of it is kept."""

import json
from pathlib import Path

import pytest

from tests.web.commands.conftest import Terminal
from tests.web.edge.asking import sha256

HUB = "query Hub { hub { name } }\n"
TWO = "query A { hub { id } }\nquery B { hub { name } }\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "client"
    made.mkdir()
    return made


def written(folder: Path, name: str, content: str | dict[str, object]) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_bytes(text.encode())
    return str(folder / name)


def test_a_file_is_trusted_exactly_as_it_is(terminal: Terminal, folder: Path) -> None:
    out = terminal.done("documents", "add", written(folder, "hub.graphql", HUB))
    assert out == f"sha256:{sha256(HUB)}  Hub\n"
    (listed,) = terminal.json("documents", "list")
    assert listed | {"addedAt": ""} == {
        "id": f"sha256:{sha256(HUB)}",
        "operations": ["Hub"],
        "characters": len(HUB),
        "addedAt": "",
    }
    assert terminal.audit() == [("document.added", "operator")]


def test_line_ends_are_left_as_they_are(terminal: Terminal, folder: Path) -> None:
    text = "query Hub {\r\n  hub { name }\r\n}\r\n"
    out = terminal.done("documents", "add", written(folder, "windows.graphql", text))
    assert out.startswith(f"sha256:{sha256(text)} ")


@pytest.mark.parametrize(
    "manifest",
    [
        {sha256(HUB): HUB, sha256(TWO): TWO},
        {f"sha256:{sha256(HUB)}": HUB, sha256(TWO): TWO},
        {
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [
                {"id": sha256(HUB), "name": "Hub", "type": "query", "body": HUB},
                {"id": sha256(TWO), "name": "A", "type": "query", "body": TWO},
            ],
        },
    ],
)
def test_a_manifest_is_taken_as_tools_write_it(
    terminal: Terminal, folder: Path, manifest: dict[str, object]
) -> None:
    told = terminal.json("documents", "add", written(folder, "manifest.json", manifest))
    assert told == {
        "documents": [
            {"id": f"sha256:{sha256(HUB)}", "operations": ["Hub"]},
            {"id": f"sha256:{sha256(TWO)}", "operations": ["A", "B"]},
        ],
        "added": 2,
    }


def test_what_is_trusted_already_stays_so(terminal: Terminal, folder: Path) -> None:
    file = written(folder, "hub.graphql", HUB)
    terminal.done("documents", "add", file)
    assert "was trusted already" in terminal.done("documents", "add", file)
    assert terminal.json("documents", "add", file)["added"] == 0
    assert len(terminal.json("documents", "list")) == 1
    assert len(terminal.audit()) == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.graphql", "query A {\n  hub { nme }\n}", "a.graphql:2:9: Cannot query field 'nme'"),
        ("a.graphql", "query A {\n", "a.graphql:2:1: Syntax Error"),
        ("a.graphql", "", "a.graphql:1:1: Syntax Error"),
        ("a.graphql", "fragment F on Hub { name }", "(GRAPHQL_VALIDATION_FAILED)"),
        ("a.graphql", "# x\n" * 51 + HUB, "GRAPHQL_PARSE_FAILED"),
        (
            "a.graphql",
            "{ events(first: 100) { nodes { hosts(first: 100) { nodes { organization { id } } } } } }",
            "COST_LIMIT",
        ),
        ("a.json", "{", "a.json:1: it is not JSON."),
        ("a.json", "[]", "a.json: it is no manifest."),
        ("a.json", {sha256(HUB): 5}, "a.json: it is no manifest."),
        ("a.json", {sha256("x"): HUB}, "the id is not the SHA-256 of its text"),
        ("a.json", {sha256("{ nope }"): "{ nope }"}, f"{sha256('{ nope }')[:24]}:1:3: Cannot"),
    ],
)
def test_one_that_is_not_good_is_told_with_its_place_and_none_is_kept(
    terminal: Terminal, folder: Path, name: str, content: str | dict[str, object], says: str
) -> None:
    good, bad = written(folder, "good.graphql", HUB), written(folder, name, content)
    code, out, err = terminal.run("documents", "add", good, bad)
    assert (code, out) == (1, "")
    assert err.startswith("convoke: nothing was added.\n")
    assert says in err
    assert terminal.json("documents", "list") == []
    assert terminal.audit() == []


def test_a_file_of_bytes_is_refused(terminal: Terminal, folder: Path) -> None:
    (folder / "a.graphql").write_bytes(b"\xff\xfe")
    code, _, err = terminal.run("documents", "add", str(folder / "a.graphql"))
    assert (code, "it is not text in UTF-8" in err) == (1, True)


def test_a_file_that_is_not_there_is_said_to_be_so(terminal: Terminal, folder: Path) -> None:
    missing = str(folder / "a.graphql")
    code, _, err = terminal.run("documents", "add", missing)
    assert (code, f"{missing}: No such file or directory." in err) == (1, True)


def test_documents_are_removed_all_or_none(terminal: Terminal, folder: Path) -> None:
    terminal.done("documents", "add", written(folder, "hub.graphql", HUB))
    code, _, err = terminal.run("documents", "remove", sha256(HUB), sha256(TWO))
    assert (code, sha256(TWO) in err) == (1, True)
    assert len(terminal.json("documents", "list")) == 1
    assert terminal.done("documents", "remove", f"sha256:{sha256(HUB)}") == "1 removed.\n"
    assert "No documents are trusted yet" in terminal.done("documents", "list")
    assert [action for action, _ in terminal.audit()] == ["document.added", "document.removed"]


def test_what_is_no_id_is_said_to_be_none(terminal: Terminal) -> None:
    code, _, err = terminal.run("documents", "remove", "Hub")
    assert (code, err) == (
        1,
        "convoke: Hub is no id: it is sha256: and 64 digits and letters a to f.\n",
    )


def test_they_are_listed_in_words(terminal: Terminal, folder: Path) -> None:
    terminal.done("documents", "add", written(folder, "two.graphql", TWO))
    (line,) = terminal.done("documents", "list").splitlines()
    assert line.startswith(f"sha256:{sha256(TWO)}  20")
    assert line.endswith("  A, B")
