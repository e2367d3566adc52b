"""Files of documents to trust, read whole and checked before anything is kept.

A `.json` file is a manifest of ids and texts, in one of two shapes: one object of both (Relay,
graphql-codegen), or Apollo's list of operations. Any other file is one document, exactly as it is:
a client that hashes the same text asks for it by that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLError, OperationDefinitionNode, parse

from domain.errors import Invalid
from resolvers.documents import New
from schema.documents import Asked, Documents, Refused, digest_of
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations

_APOLLO = "apollo-persisted-query-manifest"
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A text, and where it stands: a file, and in a manifest the id it has there."""

    place: str
    text: str
    said: str | None = None  # the id that a manifest gives it


def read_all(files: Sequence[Path], limits: Limits) -> list[New]:
    """The documents, each once; or `Invalid` with every mistake in any of them."""
    checking = Operations(graphql_schema, limits).documents
    new: dict[str, New] = {}
    mistakes: list[str] = []
    for file in files:
        try:
            for found in documents_of(file):
                checked = check(found, checking)
                if isinstance(checked, New):
                    new[checked.sha256] = checked
                else:
                    mistakes += checked
        except Invalid as unreadable:
            mistakes.append(unreadable.message)
    if mistakes:
        rest = len(mistakes) - _MOST_TOLD
        more = [f"and {rest} more."] if rest > 0 else []
        raise Invalid("\n".join(["nothing was added.", *mistakes[:_MOST_TOLD], *more]))
    return list(new.values())


def documents_of(file: Path) -> Iterator[Found]:
    try:
        text = file.read_bytes().decode()  # as it is: no line end is made another
    except UnicodeDecodeError:
        raise Invalid(f"{file}: it is not text in UTF-8.") from None
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}.") from None
    if file.suffix.lower() != ".json":
        yield Found(str(file), text)
        return
    try:
        manifest: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"{file}:{error.lineno}: it is not JSON.") from None
    yield from entries(file, manifest)


def entries(file: Path, manifest: Any) -> Iterator[Found]:
    if isinstance(manifest, dict) and manifest.get("format") == _APOLLO:
        listed = manifest.get("operations")
        pairs = [
            (each.get("id"), each.get("body")) if isinstance(each, dict) else (None, None)
            for each in (listed if isinstance(listed, list) else [None])
        ]
    elif isinstance(manifest, dict):
        pairs = list(manifest.items())
    else:
        pairs = [(None, None)]
    for said, text in pairs:
        if not isinstance(said, str) or not isinstance(text, str):
            raise Invalid(
                f"{file}: it is no manifest. One is an object of ids and texts, or has the format "
                f"{_APOLLO}."
            )
        yield Found(f"{file} {said[:24]}", text, said.removeprefix("sha256:"))


def check(found: Found, documents: Documents) -> New | list[str]:
    """What to keep; or what is wrong, each with its place."""
    digest = digest_of(found.text)
    if found.said not in (None, digest):
        return [
            f"{found.place}: the id is not the SHA-256 of its text. Have the tool that wrote the "
            "manifest hash by SHA-256."
        ]
    try:
        nodes = parse(found.text, no_location=True).definitions
    except GraphQLError as error:
        return told(found, [error])
    operations = [each for each in nodes if isinstance(each, OperationDefinitionNode)]
    names = [each.name.value if each.name else None for each in operations]
    try:
        for name in names or [None]:
            documents.prepare(Asked(found.text, name))
    except Refused as refused:
        return told(found, refused.errors)
    return New(digest, found.text, tuple(name or "(no name)" for name in names))


def told(found: Found, errors: Sequence[GraphQLError]) -> list[str]:
    """As compilers tell it: file:line:column. In a manifest, the line of the text."""
    lines: list[str] = []
    for error in errors:
        at = f":{error.locations[0].line}:{error.locations[0].column}" if error.locations else ""
        code = (error.extensions or {}).get("code")
        lines.append(f"{found.place}{at}: {error.message}{f' ({code})' if code else ''}")
    return lines
