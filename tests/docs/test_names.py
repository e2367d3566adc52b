"""Every file, link, setting, scope, code and word of the contract in the documents exists."""

import re
from collections.abc import Callable
from http import HTTPMethod
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, build_schema
from graphql.type import GraphQLInterfaceType, GraphQLObjectType

from auth.scopes import SCOPES
from domain.calendars import ProblemReason
from domain.importing import Outcome
from domain.recurrence_rule import Frequency
from federation.addresses import FetchReason
from schema.codes import Code
from schema.limits import documented
from tests.docs.pages import ROOT, Page, page, pages
from web.settings import DOCUMENTED, LIMIT

CONTRACT = build_schema((ROOT / "schema" / "schema.graphql").read_text("utf-8"), assume_valid=True)
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}
FILE = re.compile(r"\.?[\w.-]+(?:/[\w.-]+)*\.(?:py|md|graphql|toml|txt|in|service|conf|ics)")
SETTING = re.compile(r"\b(?:CONVOKE_[A-Z_]+|DATABASE_URL)\b")
SCOPE = re.compile(r"\b[a-z]+:(?:read|write|publish|hosts|agree|admin|sync)\b")
WORD = re.compile(r"[A-Z][A-Z_]+[A-Z]")
COORDINATE = re.compile(r"([A-Z][A-Za-z]+)\.([a-z][A-Za-z]*)")
# In a data directory, or somebody's own; not in the tree.
NOT_OURS = {"pantry.ics", "calendar.ics", "hub.graphql"}
# What stands in capitals and is no word of the contract.
ICALENDAR = {
    "ATTACH",
    "ATTENDEE",
    "CATEGORIES",
    "CONTACT",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DURATION",
    "EXDATE",
    "GEO",
    "LOCATION",
    "ORGANIZER",
    "RDATE",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TZID",
    "URL",
    "SECONDLY",
    "MINUTELY",
    "HOURLY",
    *(frequency.name for frequency in Frequency),
}
OTHER_WORDS = {
    *ICALENDAR,
    *(outcome.value for outcome in Outcome),
    *(reason.value for reason in ProblemReason),
    *(reason.value for reason in FetchReason),
    *(method.value for method in HTTPMethod),
    "SIGTERM",
    "MET",
    "GROUP",
    "MOST_DAYS",
    "COMMAND",
    "TOKEN",
}
LIMIT_NAMES = {limit.name for limit in documented()}
each_page = pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path))


def values() -> set[str]:
    """Every value of every enum of the contract."""
    return {
        value
        for kind in CONTRACT.type_map.values()
        if isinstance(kind, GraphQLEnumType)
        for value in kind.values
    }


def settings() -> set[str]:
    return {setting.name for setting in DOCUMENTED}


@each_page
def test_every_link_leads_somewhere(page: Page) -> None:
    for link in page.links():
        if link.startswith(("https://", "http://", "<http")):
            continue
        place, _, anchor = link.partition("#")
        target = (ROOT / page.path.parent / place).resolve() if place else ROOT / page.path
        assert target.exists(), f"{page.path}: {link}"
        assert target.is_relative_to(ROOT)
        if anchor:
            assert anchor in Page(page.path, target.read_text("utf-8")).anchors(), link


@each_page
def test_every_file_that_is_named_is_there(page: Page) -> None:
    for text in page.inline():
        folder = re.fullmatch(r"([\w.-]+)/(?:[\w.-]+/)*", text)
        if folder and folder[1] in FOLDERS:
            assert (ROOT / text).is_dir(), f"{page.path}: {text}"
        elif FILE.fullmatch(text) and text not in NOT_OURS:
            beside = [ROOT / text, ROOT / page.path.parent / text]
            named = list(ROOT.glob(f"[!.]*/**/{text}")) if "/" not in text else []
            assert any(path.exists() for path in beside) or named, f"{page.path}: {text}"


@each_page
def test_every_setting_that_is_named_can_be_set(page: Page) -> None:
    for name in SETTING.findall(page.text):
        assert name in settings() or name in {LIMIT, "CONVOKE_"}, f"{page.path}: {name}"


@each_page
def test_every_scope_that_is_named_can_be_granted(page: Page) -> None:
    for name in SCOPE.findall(page.text):
        assert name in SCOPES, f"{page.path}: {name}"


@each_page
def test_every_word_in_capitals_is_one_of_the_contract(page: Page) -> None:
    known = {*values(), *Code.__members__, *settings(), *OTHER_WORDS}
    for text in page.inline():
        if WORD.fullmatch(text):
            assert text in known, f"{page.path}: {text}"


@each_page
def test_every_field_that_is_named_is_in_the_contract(page: Page) -> None:
    shown = (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)
    for text in page.inline():
        named = COORDINATE.fullmatch(text)
        if named:
            kind = CONTRACT.type_map.get(named[1])
            assert isinstance(kind, shown), f"{page.path}: {text}"
            assert named[2] in kind.fields, f"{page.path}: {text}"


@each_page
def test_every_limit_that_is_named_is_one(page: Page) -> None:
    ends = {name.rpartition("_")[2] for name in LIMIT_NAMES if "_" in name}
    for text in page.inline():
        if re.fullmatch(r"[a-z]+(_[a-z]+)+", text) and text.rpartition("_")[2] in ends:
            known = text in LIMIT_NAMES or text.startswith(("convoke_", "grant_", "test_"))
            assert known, f"{page.path}: {text}"


def test_everything_there_is_stands_in_its_manual() -> None:
    operating, asking = page("docs/operating.md").text, page("docs/graphql.md").text
    for name in settings():
        assert name.startswith(LIMIT) or f"`{name}`" in operating
    for limit in LIMIT_NAMES:
        assert f"`{limit}`" in asking
    for code in Code:
        assert f"`{code.value}`" in asking
    scopes = page("docs/scopes.md").text
    for scope in SCOPES:
        assert f"`{scope}`" in scopes


def test_every_word_of_seeing_and_of_states_is_explained() -> None:
    explained = set(page("docs/domain.md").inline())
    named = ("Visibility", "EventStatus", "PublicationStatus", "MembershipStatus")
    for name in (*named, "EventHostStatus", "AllianceStatus", "PlacePrecision"):
        kind = CONTRACT.type_map[name]
        assert isinstance(kind, GraphQLEnumType)
        assert explained >= set(kind.values), f"{name}: {set(kind.values) - explained}"


def test_every_page_is_in_the_index() -> None:
    index = page("docs/README.md")
    decisions = page("docs/decisions/README.md")
    linked = {(ROOT / "docs" / link).resolve() for link in index.links()}
    linked |= {(ROOT / "docs" / "decisions" / link).resolve() for link in decisions.links()}
    for each in pages():
        if each.path.is_relative_to("docs") and each is not index:
            found = {ROOT / each.path, (ROOT / each.path).parent} & linked
            assert found, f"{each.path} is in no index"


def test_decisions_are_numbered_and_say_the_same_four_things() -> None:
    numbered = [
        each for each in pages() if re.match(r"docs/decisions/\d{4}-", each.path.as_posix())
    ]
    numbers = [int(each.path.name[:4]) for each in numbered]
    assert numbers == list(range(1, len(numbers) + 1))
    for each in numbered:
        assert each.text.startswith(f"# {each.path.name[:4]}: ")
        for part in ("Context", "Decision", "Why", "What it costs"):
            assert f"**{part}.**" in each.text, f"{each.path}: {part}"
        assert len(each.text.splitlines()) <= 60, f"{each.path} is longer than a page"


def test_the_changelog_names_every_command() -> None:
    from web.commands import commands

    said = page("CHANGELOG.md").inline()
    assert {command.name for command in commands()} <= set(said)


def test_versions_in_the_decision_on_libraries_are_pinned_or_were() -> None:
    """A library that is gone from the requirements is no library of ours."""
    pinned = (ROOT / "requirements.txt").read_text("utf-8")
    table = page("docs/decisions/0011-libraries.md").text
    named = [re.findall(r"`([a-z0-9-]+)`", row.split("|")[1]) for row in table.splitlines()
             if row.startswith("| `")]  # fmt: skip
    asked = (ROOT / "requirements.in").read_text("utf-8")
    direct = set(re.findall(r"^([a-z0-9-]+)", asked, re.MULTILINE))
    assert {name for names in named for name in names} == direct
    assert all(f"{name}==" in pinned or f"{name}[" in pinned for name in direct)


@pytest.mark.parametrize(
    ("text", "checked"),
    [
        ("[gone](docs/gone.md)", test_every_link_leads_somewhere),
        ("[gone](docs/graphql.md#gone)", test_every_link_leads_somewhere),
        ("`domain/gone.py`", test_every_file_that_is_named_is_there),
        ("`gone.py`", test_every_file_that_is_named_is_there),
        ("`domain/gone/`", test_every_file_that_is_named_is_there),
        ("Set CONVOKE_GONE.", test_every_setting_that_is_named_can_be_set),
        ("Ask for gone:read.", test_every_scope_that_is_named_can_be_granted),
        ("It answers `GONE_LIMIT`.", test_every_word_in_capitals_is_one_of_the_contract),
        ("See `Event.gone`.", test_every_field_that_is_named_is_in_the_contract),
        ("See `Gone.title`.", test_every_field_that_is_named_is_in_the_contract),
        ("At most `gone_seconds`.", test_every_limit_that_is_named_is_one),
    ],
)
def test_a_page_that_names_what_is_not_there_is_noticed(
    text: str, checked: Callable[[Page], None]
) -> None:
    with pytest.raises(AssertionError):
        checked(Page(Path("README.md"), f"# Page\n\n{text}\n"))
