"""The outlines of the land and the borders of countries, from Natural Earth (public domain), 1:50m.

`outlines.bin` is made of them by `python -m tests.pictures.outlines`: lists of lines of points in
hundredths of a degree, each the difference from the one before, as numbers of as few bytes as they
take, and all that deflated. The land is rings, to be filled; what is within another is a lake.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

_FILE = Path(__file__).with_name("outlines.bin")
_DEGREE = 100.0

Point = tuple[float, float]  # degrees east, degrees north


@dataclass(frozen=True, slots=True)
class Outline:
    """A line, and the box that it lies in: west, south, east, north."""

    points: tuple[Point, ...]
    box: tuple[float, float, float, float]

    def may_touch(self, box: tuple[float, float, float, float]) -> bool:
        west, south, east, north = self.box
        return west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1]


@dataclass(frozen=True, slots=True)
class Box:
    """What a map shows. `east` may be beyond 180 degrees."""

    west: float
    south: float
    east: float
    north: float

    def land(self) -> list[list[Point]]:
        """Rings of the land in it, cut off at its edges."""
        found = (self._ring(each) for each in self._near(outlines()[0]))
        return [ring for ring in found if len(ring) > 2]

    def borders(self) -> list[list[Point]]:
        """Those of two neighbours that have an end in it, so that each goes on to the edge."""
        found: list[list[Point]] = []
        for line in self._near(outlines()[1]):
            part: list[Point] = []
            for one, two in pairwise(line):
                if self._has(one) or self._has(two):
                    part = part or [one]
                    part.append(two)
                elif part:
                    found.append(part)
                    part = []
            if part:
                found.append(part)
        return found

    def _near(self, lines: tuple[Outline, ...]) -> Iterator[tuple[Point, ...]]:
        """Also what lies on the other side of the line where the date changes."""
        for turn in (-360.0, 0.0, 360.0):
            box = (self.west - turn, self.south, self.east - turn, self.north)
            for line in lines:
                if line.may_touch(box):
                    points = line.points
                    yield tuple((x + turn, y) for x, y in points) if turn else points

    def _has(self, point: Point) -> bool:
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north

    def _ring(self, ring: tuple[Point, ...]) -> list[Point]:
        """Sutherland and Hodgman's way: cut at one edge after the other."""
        points = list(ring)
        for axis, edge, keeps_above in (
            (0, self.west, True),
            (0, self.east, False),
            (1, self.south, True),
            (1, self.north, False),
        ):
            points = _cut(points, axis, edge, keeps_above=keeps_above)
        return points


def _cut(points: list[Point], axis: int, edge: float, *, keeps_above: bool) -> list[Point]:
    kept: list[Point] = []
    if not points:
        return kept
    before = points[-1]
    was_in = (before[axis] >= edge) is keeps_above
    for point in points:
        is_in = (point[axis] >= edge) is keeps_above
        if is_in is not was_in:
            part = (edge - before[axis]) / (point[axis] - before[axis])
            other = before[1 - axis] + part * (point[1 - axis] - before[1 - axis])
            kept.append((edge, other) if axis == 0 else (other, edge))
        if is_in:
            kept.append(point)
        before, was_in = point, is_in
    return kept


@cache
def outlines() -> tuple[tuple[Outline, ...], tuple[Outline, ...]]:
    """The land and the borders."""
    numbers = _numbers(zlib.decompress(_FILE.read_bytes()))
    return _lines(numbers), _lines(numbers)


def _lines(numbers: Iterator[int]) -> tuple[Outline, ...]:
    return tuple(_line(numbers) for _ in range(next(numbers)))


def _line(numbers: Iterator[int]) -> Outline:
    x = y = 0
    points: list[Point] = []
    for _ in range(next(numbers)):
        x += _signed(next(numbers))
        y += _signed(next(numbers))
        points.append((x / _DEGREE, y / _DEGREE))
    east, north = [x for x, _ in points], [y for _, y in points]
    return Outline(tuple(points), (min(east), min(north), max(east), max(north)))


def _numbers(data: bytes) -> Iterator[int]:
    """Seven bits in each byte, the lowest first; the eighth says that there are more."""
    number = shift = 0
    for byte in data:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield number
            number = shift = 0


def _signed(number: int) -> int:
    return number >> 1 if number % 2 == 0 else -(number >> 1) - 1
