"""Every query in the documents is one that a hub answers, and the README's answer has its shape."""

import json
import re
import shlex
from itertools import pairwise
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
    is_leaf_type,
    parse,
    validate,
)

from schema.documents import Asked, Documents, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from tests.docs.pages import ROOT, Page, page, pages

CONTRACT = build_schema((ROOT / "schema" / "schema.graphql").read_text("utf-8"), assume_valid=True)
ADDRESS = re.compile(r"^https?://[^/]+(/[\w./-]*)")


def sent(page: Page) -> list[dict[str, Any]]:
    """The bodies that its curl commands send."""
    bodies = []
    for line in page.shell_lines():
        words = shlex.split(line) if line.startswith("curl ") else []
        for option, value in pairwise(words):
            if option in {"-d", "--data"} and value.startswith("{"):
                bodies.append(json.loads(value))
    return bodies


def queries(page: Page) -> list[str]:
    return [*page.blocks("graphql"), *(str(body["query"]) for body in sent(page))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path))
def test_every_query_fits_the_contract(page: Page) -> None:
    for query in queries(page):
        assert not validate(CONTRACT, parse(query)), query


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path))
def test_every_query_is_within_the_limits(page: Page) -> None:
    documents = Documents(graphql_schema._schema, Limits())
    for query in queries(page):
        assert isinstance(documents.prepare(Asked(query, None, {}, streams=True)), Prepared), query


def test_the_pages_have_queries() -> None:
    assert len([query for page in pages() for query in queries(page)]) >= 8


def test_a_query_that_does_not_fit_is_noticed() -> None:
    wrong = Page(page("README.md").path, "```graphql\n{ events { nodes { name } } }\n```\n")
    with pytest.raises(AssertionError):
        test_every_query_fits_the_contract(wrong)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path))
def test_every_answer_is_json(page: Page) -> None:
    for block in page.blocks("json"):
        json.loads(block)


def test_every_address_that_is_asked_is_served() -> None:
    served = {"/", "/graphql", "/schema.graphql", "/oauth/token", "/oauth/jwks", "/readyz"}
    for each in pages():
        for line in each.shell_lines():
            for word in shlex.split(line) if line.startswith("curl ") else []:
                asked = ADDRESS.match(word)
                assert asked is None or asked[1] in served, f"{each.path}: {word}"


def test_the_readme_s_answer_is_one_to_its_query() -> None:
    readme = page("README.md")
    (body,) = sent(readme)
    answer = json.loads(readme.blocks("json")[0])
    (operation,) = parse(body["query"]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    query = CONTRACT.query_type
    assert query is not None
    assert answer.keys() == {"data"}
    fits(operation.selection_set, query, answer["data"])


def fits(asked: SelectionSetNode, kind: GraphQLOutputType, answer: Any) -> None:
    """The answer has what was asked for, in that order, and nothing else."""
    assert isinstance(kind, GraphQLObjectType)
    selected = [each for each in asked.selections if isinstance(each, FieldNode)]
    assert list(answer) == [each.name.value for each in selected]
    for each in selected:
        below = get_named_type(kind.fields[each.name.value].type)
        value = answer[each.name.value]
        if is_leaf_type(below):
            assert isinstance(value, str | int | bool)
            continue
        assert each.selection_set is not None
        for one in value if isinstance(value, list) else [value]:
            fits(each.selection_set, below, one)
