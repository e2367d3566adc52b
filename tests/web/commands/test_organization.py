"""./convoke organization: founded by the operator, and shown to them whoever may see it."""

import pytest

from tests.web.commands.conftest import Terminal

PANTRY = ("river-city-pantry", "--name", "River City Pantry", "--time-zone", "Europe/Berlin")


def test_an_organization_is_founded_and_told_what_comes_next(terminal: Terminal) -> None:
    out = terminal.done("organization", "create", *PANTRY)
    assert out.startswith("River City Pantry is founded: org_")
    assert "./convoke client create --organization river-city-pantry" in out
    assert terminal.audit() == [("organization.created", "operator")]


def test_everything_said_of_it_is_kept(terminal: Terminal) -> None:
    made = terminal.json(
        "organization", "create", *PANTRY, "--language", "en", "--language", "pt-br",
        "--website", "https://pantry.example", "--summary", "Food.", "--cause", "Food Justice",
        "--email", "anna@pantry.example", "--visibility", "ALLIANCE",
    )  # fmt: skip
    assert made["id"].startswith("org_")
    assert made["id"].endswith("@localhost:8000")
    assert made | {"id": "", "createdAt": ""} == {
        "id": "",
        "slug": "river-city-pantry",
        "name": "River City Pantry",
        "summary": "Food.",
        "website": "https://pantry.example",
        "causes": ["food-justice"],
        "languages": ["en", "pt-BR"],
        "timeZone": "Europe/Berlin",
        "visibility": "ALLIANCE",
        "createdAt": "",
    }
    assert terminal.json("organization", "list") == [made]
    assert terminal.json("organization", "show", "river-city-pantry") == made | {
        "team": [],
        "alliances": [],
        "groups": 0,
        "events": 0,
    }


def test_they_are_listed_by_name_and_shown_in_words(town: Terminal) -> None:
    lines = town.done("organization", "list").splitlines()
    assert [line.split()[0] for line in lines] == ["slug", "library", "pantry", "shelter"]
    shown = town.done("organization", "show", "pantry")
    assert "timeZone    UTC\n" in shown
    assert "summary" not in shown


def test_an_empty_hub_says_how_to_begin(terminal: Terminal) -> None:
    assert "./convoke organization create --help" in terminal.done("organization", "list")
    assert terminal.json("organization", "list") == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("create", "pantry", "--name", "P", "--time-zone", "UTC"), 1, "another organization's slug"),
        (("create", "Pan try", "--name", "P", "--time-zone", "UTC"), 1, "A slug is 1 to 64"),
        (("create", "p", "--name", "P", "--time-zone", "Mars/Base"), 1, "no IANA time zone"),
        (("create", "p", "--name", " ", "--time-zone", "UTC"), 1, "name: write something here."),
        (("create", "p", "--name", "P", "--time-zone", "UTC", "--visibility", "X"), 2, "'X' is not"),
        (("create", "p"), 2, "Missing option"),
        (("show", "nobody"), 1, "This hub has no organization nobody. ./convoke organization list"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_nothing_is_made(
    town: Terminal, arguments: tuple[str, ...], code: int, says: str
) -> None:
    before = town.json("organization", "list"), town.audit()
    ended, out, err = town.run("organization", *arguments)
    assert (ended, out) == (code, "")
    assert says in err
    assert "Traceback" not in err
    assert (town.json("organization", "list"), town.audit()) == before


def test_the_hub_s_own_address_is_taken_from_its_data(
    town: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a setting names another: its ids go on as they began, and its name stays."""
    monkeypatch.setenv("CONVOKE_PORT", "8100")
    monkeypatch.setenv("CONVOKE_HUB_NAME", "Another")
    made = town.json("organization", "create", "choir", "--name", "Choir", "--time-zone", "UTC")
    assert made["id"].endswith("@localhost:8000")


def test_its_first_owner_is_invited_before_mail_works(town: Terminal) -> None:
    out = town.done("organization", "invite", "pantry", "--role", "OWNER", "Anna@pantry.example")
    told, link, advice = out.splitlines()
    assert told.startswith("anna@pantry.example is invited, until 20")
    assert link.startswith("http://localhost:8000/account/invitation?letter=")
    assert "Give it to nobody else." in advice
    assert ("organization.team_invitation_sent", "operator") in town.audit()
    again = town.json("organization", "invite", "pantry", "--role", "ADMIN", "anna@pantry.example")
    assert (again["address"], again["role"]) == ("anna@pantry.example", "ADMIN")
    assert again["link"] != link


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("nobody", "--role", "OWNER", "a@b.example"), 1, "This hub has no organization nobody."),
        (("pantry", "--role", "KING", "a@b.example"), 2, "'KING' is not one of"),
        (("pantry", "--role", "OWNER", "anna"), 1, "An email address looks like"),
        (("pantry", "a@b.example"), 2, "Missing option '--role'"),
    ],
)
def test_who_cannot_be_invited_is_told_and_nothing_is_posted(
    town: Terminal, arguments: tuple[str, ...], code: int, says: str
) -> None:
    before = town.audit()
    ended, out, err = town.run("organization", "invite", *arguments)
    assert (ended, out) == (code, "")
    assert says in err
    assert town.audit() == before
