"""Filling the holes of an answer in Python: what was refused, and what is live.

Only an answer with holes is read at all; the others leave as the bytes that the database sent.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLOutputType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    located_error,
)
from sqlalchemy import DateTime
from sqlalchemy.types import TypeEngine

from domain.actors import Viewer
from resolvers.reading.json_text import number_as_written
from schema.access import refusal
from schema.holes import KIND, Hole, IsA, LiveField, Path, Refused, Written
from schema.loading import Inputs
from schema.readings import python_name

Place = tuple[Any, Any, list[str | int]]  # what holds it, by which key, and the path to it


def completed(data: Any, holes: Iterable[Hole], viewer: Viewer) -> list[GraphQLError]:
    """Fill the holes of `data`, which is changed, and tell what was refused."""
    errors: list[GraphQLError] = []
    for hole in holes:
        match hole:
            case Refused(path, coordinate, need, details):
                nodes = [each.node for each in details]
                errors += [
                    located_error(refusal(coordinate, need, viewer), nodes, place)
                    for _, _, place in _places(data, path)
                ]
            case LiveField(path):
                for holder, key, _ in _places(data, path):
                    holder[key] = _live(hole, holder[key])
            case Written(path):
                for holder, key, _ in _places(data, path):
                    if isinstance(holder[key], float):
                        holder[key] = number_as_written(holder[key])
    _forget_kinds(data, {hole.path for hole in holes})
    return errors


def _places(data: Any, path: Path) -> Iterator[Place]:
    """Every place that the path leads to. What is null on the way has none."""
    found: list[tuple[Any, list[str | int]]] = [(data, [])]
    for step in path[:-1]:
        found = [each for value, so_far in found for each in _step(value, step, so_far)]
    for value, so_far in found:
        for _, place in _step(value, path[-1], so_far):
            yield value, place[-1], place


def _step(
    value: Any, step: str | IsA | None, so_far: list[str | int]
) -> Iterator[tuple[Any, list[str | int]]]:
    if value is None:
        return
    if step is None:  # EACH
        for index, item in enumerate(value):
            yield item, [*so_far, index]
    elif isinstance(step, IsA):
        if value.get(KIND) == step.type_name:
            yield value, so_far
    elif step in value:  # not where another type stands
        yield value[step], [*so_far, step]


def _forget_kinds(data: Any, paths: Iterable[Path]) -> None:
    """What things are was only said to find the holes."""
    begins = {path[:at] for path in paths for at, step in enumerate(path) if isinstance(step, IsA)}
    for begin in sorted(begins, key=len, reverse=True):  # what lies within others first
        found: list[tuple[Any, list[str | int]]] = [(data, [])]
        for step in begin:
            found = [each for value, so_far in found for each in _step(value, step, so_far)]
        for value, _ in found:
            if value is not None:
                value.pop(KIND, None)


def _live(hole: LiveField, given: Mapping[str, Any] | None) -> Any:
    if given is None:
        return None
    values = {name: _read(value, hole.kinds.get(name)) for name, value in given.items()}
    return _shown(hole.reading.make(Inputs(values)), hole.type, hole, hole.details)


def _read(value: Any, kind: TypeEngine[Any] | None) -> Any:
    if value is not None and isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return value


def _shown(value: Any, kind: GraphQLOutputType, hole: LiveField, details: Any) -> Any:
    """What Python made, as the operation selects it."""
    if value is None:
        return None
    shown: Any = get_nullable_type(kind)
    if is_list_type(shown):
        return [_shown(each, shown.of_type, hole, details) for each in value]
    if is_leaf_type(shown):
        return shown.coerce_output_value(value)
    told: dict[str, Any] = {}
    for key, each in hole.selected(shown, details).items():
        name = each[0].node.name.value
        if name == "__typename":
            told[key] = shown.name
        else:
            field = shown.fields[name]
            told[key] = _shown(getattr(value, python_name(field)), field.type, hole, each)
    return told
