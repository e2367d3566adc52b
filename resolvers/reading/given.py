"""What somebody asked for, taken apart: the statement's shape, and the values that go into it.

A list is asked for with many values, and seldom in new ways. `taken_apart` tells which parts of a
filter are there (its shape, by which a statement is kept) and what is in them (its values, by the
names of parameters); `parametrized` is the filter with those parameters in the place of its
values, as the functions that make statements are given it. They may look whether a part is there,
and never at what is in it.
"""

from collections.abc import Hashable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Float, Integer, Text, bindparam
from sqlalchemy.types import TypeEngine

from domain import geo
from domain.errors import BadInput
from storage.tables import Instant

T = TypeVar("T")
Given = Union[T, ColumnElement[T]]  # noqa: UP007 - `T | ColumnElement[T]` cannot be subscripted
Shape = Hashable
FEW_CELLS, MANY_CELLS = 9, 40  # those within 25 km, and about those within 75 km
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Near:
    """Within `radius_km` kilometres of a position. `cells` are those of the map around it."""

    latitude: Given[float]
    longitude: Given[float]
    radius_km: Given[float]
    cells: Given[tuple[int, ...]]
    is_narrow: bool = False  # few cells: each has a scan of its own
    is_wide: bool = False  # too many cells to go into each

    @classmethod
    def of(cls, latitude: float, longitude: float, radius_km: float = 25.0) -> "Near":
        """Raises BadInput, naming `near`, where there is no such place or the radius is odd."""
        geo.check_position(latitude, longitude, ("near",))
        geo.check_radius(radius_km, ("near",))
        cells = tuple(geo.cells_near(latitude, longitude, radius_km))
        few, many = len(cells) <= FEW_CELLS, len(cells) > MANY_CELLS
        return cls(latitude, longitude, radius_km, cells, few, many)


def taken_apart(items: tuple[Any, ...], prefix: str) -> tuple[Shape, Values]:
    """The shape of what is asked for, and the values by the names that `parametrized` gives."""
    values: Values = {}
    shape = tuple(_part(f"{prefix}{at}", each, values) for at, each in enumerate(items))
    return shape, values


def parametrized(items: tuple[Any, ...], prefix: str) -> tuple[Any, ...]:
    """The same with parameters in the place of values."""
    return tuple(_with_parameters(f"{prefix}{at}", each) for at, each in enumerate(items))


def _with_parameters(name: str, value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        made = {
            f.name: _with_parameters(f"{name}_{f.name}", getattr(value, f.name))
            for f in fields(value)
        }
        return replace(value, **made)
    if value is None or isinstance(value, _SHAPES):
        return value
    return parameter(name, value)


def parameter(name: str, value: Any) -> BindParameter[Any]:
    """A parameter of the type of that value."""
    return bindparam(name, type_=_type_of(value))


def _part(name: str, value: Any, values: Values) -> Shape:
    if value is None or isinstance(value, _SHAPES):
        shape: Shape = value
        return shape
    parts = _parts_of(type(value))  # type: ignore[arg-type]  # a class can be hashed
    if parts is not None:
        return tuple([_part(f"{name}_{part}", getattr(value, part), values) for part in parts])
    values[name] = list(value) if isinstance(value, tuple) else value
    _check_text(value)
    return "?"


def _check_text(value: Any) -> None:
    """PostgreSQL's texts hold every character but one."""
    texts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(each, str) and "\x00" in each for each in texts):
        raise BadInput("The text holds a character (U+0000) that cannot be kept.")


@cache
def _parts_of(kind: Any) -> tuple[str, ...] | None:
    return tuple(part.name for part in fields(kind)) if is_dataclass(kind) else None


# What a statement is built by rather than asked with: whether a part is there, and what a single
# word of ours, a yes or no, or a set of such words says. What a client sends as text or as a list is
# always a value.
_SHAPES = (bool, Enum, frozenset)


def _type_of(value: Any) -> TypeEngine[Any]:
    match value:
        case tuple() if value and isinstance(value[0], int):
            return ARRAY(Integer)
        case tuple():
            return ARRAY(Text)
        case str():
            return Text()
        case datetime():
            return Instant
        case int():
            return Integer()
        case float():
            return Float()
    raise TypeError(f"No parameter is made of {type(value).__name__}.")
