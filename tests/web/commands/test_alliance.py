"""./convoke alliance: founded, filled and given agreements by the operator."""

from pathlib import Path

import pytest

from tests.web.commands.conftest import Terminal

CITY_TABLE = ("city-table", "--name", "City Table", "--purpose", "Bread.", "--convener", "pantry")


@pytest.fixture
def charter(tmp_path: Path) -> str:
    file = tmp_path / "charter.txt"
    file.write_text("1. Nobody is asked for papers.\n2. Soup is für alle.\n", encoding="utf-8")
    return str(file)


def test_an_alliance_forms_with_its_convener_and_is_active_with_two(town: Terminal) -> None:
    out = town.done("alliance", "create", *CITY_TABLE)
    assert out.endswith("is FORMING: pantry (CONVENER)\n")
    out = town.done("alliance", "add-member", "city-table", "--organization", "shelter")
    assert out.endswith("is ACTIVE: pantry (CONVENER), shelter\n")
    assert town.audit()[-3:] == [
        ("alliance.created", "operator"),
        ("membership.invited", "operator"),
        ("membership.accepted", "operator"),
    ]


def test_it_is_founded_with_its_members_at_once(town: Terminal) -> None:
    made = town.json(
        "alliance", "create", *CITY_TABLE, "--member", "shelter", "--member", "library",
        "--member", "pantry", "--kind", "NETWORK", "--cause", "food", "--visibility", "UNLISTED",
    )  # fmt: skip
    assert made["id"].startswith("aln_")
    assert made | {"id": ""} == {
        "id": "",
        "slug": "city-table",
        "name": "City Table",
        "purpose": "Bread.",
        "kind": "NETWORK",
        "status": "ACTIVE",
        "visibility": "UNLISTED",
        "members": [
            {"slug": "pantry", "role": "CONVENER", "status": "ACTIVE"},
            {"slug": "shelter", "role": "MEMBER", "status": "ACTIVE"},
            {"slug": "library", "role": "MEMBER", "status": "ACTIVE"},
        ],
    }
    assert town.json("alliance", "list") == [made]
    listed = town.done("alliance", "list")
    assert "pantry (CONVENER), shelter, library" in listed
    shown = town.json("organization", "show", "shelter")
    assert shown["alliances"] == [{"slug": "city-table", "role": "MEMBER"}]


def test_an_observer_comes_in_as_one(town: Terminal) -> None:
    town.done("alliance", "create", *CITY_TABLE)
    added = town.json(
        "alliance", "add-member", "city-table", "--organization", "library", "--role", "OBSERVER"
    )
    assert added["members"][1] == {"slug": "library", "role": "OBSERVER", "status": "ACTIVE"}


def test_an_agreement_is_published_and_accepted_by_those_who_did(
    town: Terminal, charter: str
) -> None:
    town.done("alliance", "create", *CITY_TABLE, "--member", "shelter")
    publish = (
        "alliance",
        "publish-agreement",
        "city-table",
        "--title",
        "Charter",
        "--file",
        charter,
    )
    made = town.json(*publish, "--language", "en", "--accepted-by", "pantry")
    assert made["id"].startswith("agr_")
    assert made | {"id": ""} == {
        "id": "",
        "alliance": "city-table",
        "title": "Charter",
        "acceptedBy": ["pantry"],
    }
    assert town.done(*publish, "--optional").startswith("Charter is published: agr_")
    assert [action for action, _ in town.audit()[-3:]] == [
        "agreement.published",
        "agreement.accepted",
        "agreement.published",
    ]


def test_who_comes_in_later_accepts_what_the_others_agreed_to(town: Terminal, charter: str) -> None:
    town.done("alliance", "create", *CITY_TABLE, "--member", "shelter")
    town.done(
        "alliance", "publish-agreement", "city-table", "--title", "Charter", "--file", charter
    )
    out = town.done("alliance", "add-member", "city-table", "--organization", "library")
    assert out.endswith("pantry (CONVENER), shelter, library (PENDING_AGREEMENT)\n")
    out = town.done("alliance", "accept", "city-table", "--organization", "library")
    assert out.endswith("pantry (CONVENER), shelter, library\n")
    again = town.audit()
    town.done("alliance", "accept", "city-table", "--organization", "library")
    assert town.audit() == again


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("create", *CITY_TABLE), 1, "another alliance's slug"),
        (("create", "t", "--name", "T", "--purpose", "P", "--convener", "nobody"), 1, "nobody"),
        (("create", "t", "--name", "T", "--purpose", "P", "--convener", "pantry", "--member", "x"),
         1, "This hub has no organization x."),
        (("create", "t", "--name", "T", "--purpose", "P", "--convener", "pantry",
          "--visibility", "GROUP"), 1, "An alliance is PUBLIC"),
        (("add-member", "city-table", "--organization", "shelter"), 1, "a member already"),
        (("add-member", "no-table", "--organization", "library"), 1, "This hub has no alliance"),
        (("add-member", "city-table", "--organization", "library", "--role", "CONVENER"),
         1, "has one convener"),
        (("publish-agreement", "city-table", "--title", "T", "--file", "/nowhere/x"), 2, "nowhere"),
        (("publish-agreement", "city-table", "--title", "T", "--file", "CHARTER",
          "--accepted-by", "library"), 1, "library is no member of the alliance"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_nothing_is_made(
    town: Terminal, charter: str, arguments: tuple[str, ...], code: int, says: str
) -> None:
    town.done("alliance", "create", *CITY_TABLE, "--member", "shelter")
    before = town.json("alliance", "list"), town.audit()
    words = [charter if word == "CHARTER" else word for word in arguments]
    ended, out, err = town.run("alliance", *words)
    assert (ended, out) == (code, "")
    assert says in err
    assert "Traceback" not in err
    assert (town.json("alliance", "list"), town.audit()) == before


def test_an_agreement_that_is_no_text_is_told(town: Terminal, tmp_path: Path) -> None:
    town.done("alliance", "create", *CITY_TABLE)
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7\n\xff\xfe\xfa")
    code, out, err = town.run(
        "alliance", "publish-agreement", "city-table", "--title", "T", "--file", str(scan)
    )
    assert (code, out) == (1, "")
    assert err == f"convoke: {scan} is no text in UTF-8. Save it as such.\n"


def test_an_empty_hub_says_how_to_begin(terminal: Terminal) -> None:
    assert "./convoke alliance create --help" in terminal.done("alliance", "list")
    assert terminal.json("alliance", "list") == []
