"""Everything that is said to people is said through the catalogues, and those have all of it."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from languages import OFFERED, SOURCE
from tests.languages.texts import ROOT, TAGS, TEMPLATES, marked, translated, unmarked

_PLACE = re.compile(r"%\((\w+)\)s")
_ELEMENT = re.compile(r"</?(\w+)[^>]*>")


def test_there_is_a_catalogue_for_each_language_but_the_one_that_texts_are_in() -> None:
    assert {SOURCE, *TAGS} == set(OFFERED)


@pytest.mark.parametrize("tag", TAGS)
def test_a_catalogue_has_every_text_and_no_other(tag: str) -> None:
    wanted, held = _keys(marked()), _keys(translated(tag))
    assert wanted - held == set(), f"Not in {tag}.po: see docs/languages.md"
    assert held - wanted == set(), f"Said no more, but in {tag}.po"
    assert not translated(tag).obsolete


def _keys(catalogue: Catalog) -> set[tuple[str | None, object]]:
    return {(each.context, each.id) for each in catalogue if each.id}


@pytest.mark.parametrize("tag", TAGS)
def test_every_text_is_translated_by_somebody_who_was_sure(tag: str) -> None:
    catalogue = translated(tag)
    for message in catalogue:
        if message.id:
            assert not message.fuzzy, message.id
            assert all(each.strip() for each in _strings(message)), message.id
            if message.pluralizable:
                assert len(_strings(message)) == catalogue.num_plurals, message.id


@pytest.mark.parametrize("tag", TAGS)
def test_what_is_put_into_a_text_is_put_into_its_translation(tag: str) -> None:
    """And the elements around it stay whole. A plural form for one or two may say it in a word."""
    for message in translated(tag):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = set(_PLACE.findall(ids[-1]))
        counted = set(_PLACE.findall(ids[-1])) - _named_beside_number(ids)
        for string in _strings(message):
            found = set(_PLACE.findall(string))
            assert found <= wanted, message.id
            assert found == wanted or (message.pluralizable and wanted - found <= counted), ids
            assert _elements(string) == _elements(ids[-1]), string
            assert "%" not in _PLACE.sub("", string), string


def _named_beside_number(ids: list[str]) -> set[str]:
    """What is put in beside the number that is counted."""
    return {name for name in _PLACE.findall(ids[-1]) if name not in _COUNTS}


_COUNTS = {"num", "number", "days", "minutes", "more", "count"}


def _elements(text: str) -> Counter[str]:
    return Counter(found[0] for found in _ELEMENT.finditer(text))


def _strings(message: Message) -> list[str]:
    held = message.string
    return [held] if isinstance(held, str) else list(held or ())


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(ROOT)) for path in TEMPLATES])
def test_a_template_says_nothing_that_is_not_marked(path: Path) -> None:
    assert unmarked(path.read_text("utf-8"), str(path)) == []


@pytest.mark.parametrize(
    ("template", "heard"),
    [
        ("<p>Welcome</p>", ["Welcome"]),
        ("<p>{% if x %}Welcome back{% endif %}, {{ name }}</p>", ["Welcome back,"]),
        ('<nav aria-label="More of it"></nav>', ["More of it"]),
        ('{{ fields.text("name", "Your name") }}', ["Your name"]),
        ('{{ "Done" if all else "Not yet" }}', ["Done", "Not yet"]),
        ("{% trans %}Hello{% endtrans %} you", ["you"]),
        ('<p>{{ _("Welcome") }} <code>curl -u</code> {% trans n=2 %}a{% endtrans %}</p>', []),
        ('{% if kind == "Group" %}<p class="small words">{{ x }}</p>{% endif %}', []),
    ],
)
def test_a_word_that_is_not_marked_is_heard(template: str, heard: list[str]) -> None:
    said = unmarked(template, "planted")
    assert [each.replace("… ", "").replace(" …", "") for each in said] == heard
