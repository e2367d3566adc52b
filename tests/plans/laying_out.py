"""A statement laid out for a person to read: clauses, lists and subqueries on lines of their own.

Only white space is changed, and none of it within quotes: what is laid out is the same statement.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

WIDTH = 100
INDENT = "  "
TOKEN = re.compile(r"\s+|'(?:[^']|'')*'|\"[^\"]*\"|[\w.$]+|[(),]|[^\s\w'\"(),$.]+")
CLAUSES = {
    "WITH",
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "UNION",
}
JOINS = {"JOIN", "LEFT", "CROSS"}
JOINERS = {"AND", "OR"}
CASES = {"WHEN", "ELSE", "END"}


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    is_apart: bool  # there is white space before it


@dataclass(frozen=True, slots=True)
class Group:
    """What stands in parentheses."""

    nodes: tuple["Node", ...]
    is_apart: bool


Node = Word | Group


def laid_out(sql: str) -> str:
    return "\n".join(_lines(_read(iter(_tokens(sql))), WIDTH)) + "\n"


def _tokens(sql: str) -> list[str]:
    found = TOKEN.findall(sql)
    if "".join(found) != sql:
        raise ValueError("There is something in the statement that cannot be laid out.")
    return found


def _read(tokens: Iterator[str]) -> tuple[Node, ...]:
    nodes: list[Node] = []
    is_apart = False
    for token in tokens:
        if token.isspace():
            is_apart = True
            continue
        if token == ")":
            break
        nodes.append(Group(_read(tokens), is_apart) if token == "(" else Word(token, is_apart))
        is_apart = False
    return tuple(nodes)


def _flat(nodes: Sequence[Node]) -> str:
    told = ""
    for node in nodes:
        text = f"({_flat(node.nodes)})" if isinstance(node, Group) else node.text
        told += f" {text}" if node.is_apart and told else text
    return told


def _selects(nodes: Sequence[Node]) -> bool:
    return any(
        _selects(node.nodes) if isinstance(node, Group) else node.text == "SELECT" for node in nodes
    )


def _lines(nodes: Sequence[Node], width: int) -> list[str]:
    flat = _flat(nodes)
    if len(flat) <= width and not _selects(nodes):
        return [flat]
    if _has(nodes, {"SELECT", "UNION"}):
        parts = _split(nodes, _begins_clause)
        return [line for part in parts for line in _clause(part, width)]
    if _has(nodes, {","}):
        first, *others = _split(nodes, lambda _, word: word == ",")
        lines = _lines(first, width)
        for part in others:  # which begins with its comma
            lines[-1] += ","
            lines += _lines(part[1:], width)
        return lines
    for words in (JOINERS, CASES):
        first, *others = _split(nodes, partial(_is_one_of, words))
        if others:
            lines = _opened(first, width)
            for part in others:
                space = INDENT if part[0] in (Word("WHEN", True), Word("ELSE", True)) else ""
                lines += [space + line for line in _opened(part, width - 2)]
            return lines
    return _opened(nodes, width)


def _clause(nodes: Sequence[Node], width: int) -> list[str]:
    """`SELECT` and what is selected; where that is long, on lines of its own."""
    length = 3 if _flat(nodes[:3]) == "LEFT OUTER JOIN" else 1
    head, body = _flat(nodes[:length]), nodes[length:]
    lines = _lines(body, width - 2) if body else [""]
    if len(lines) == 1 or not _has(body, {",", *JOINERS}):
        return [f"{head} {lines[0]}" if lines[0] else head, *lines[1:]]
    return [head, *(INDENT + line for line in lines)]


def _opened(nodes: Sequence[Node], width: int) -> list[str]:
    """On one line, but for what stands in parentheses where that is long."""
    lines = [""]
    for node in nodes:
        space = " " if node.is_apart and lines[-1] else ""
        flat = _flat([node])
        if isinstance(node, Word) or (
            not _selects([node]) and len(lines[-1]) + len(space) + len(flat) <= width
        ):
            lines[-1] += space + flat
            continue
        lines[-1] += f"{space}("
        lines += [INDENT + line for line in _lines(node.nodes, width - 2)]
        lines.append(")")
    return lines


def _split(nodes: Sequence[Node], begins: Callable[[str, str], bool]) -> list[Sequence[Node]]:
    """Cut before each word that begins something, as told by the word before it and itself."""
    parts: list[list[Node]] = [[]]
    before = ""
    for node in nodes:
        word = node.text if isinstance(node, Word) else "("
        if parts[-1] and begins(before, word):
            parts.append([])
        parts[-1].append(node)
        before = word
    return list(parts)


def _is_one_of(words: set[str], _before: str, word: str) -> bool:
    return word in words


def _begins_clause(before: str, word: str) -> bool:
    if word == "FROM":
        return before != "DISTINCT"  # IS NOT DISTINCT FROM
    if word in JOINS:
        return before not in {"LEFT", "CROSS", "OUTER"}
    return word in CLAUSES


def _has(nodes: Sequence[Node], words: set[str]) -> bool:
    return any(isinstance(node, Word) and node.text in words for node in nodes)
