"""Maps that the hub draws itself, so that nobody else learns who looks where.

A map shows how places lie to one another, by a scale and a grid; where it is wide enough, the
outlines of the land and the borders of countries (`outlines`). It knows no streets: beside each place
stands the way to maps that do. The words are in `map.html`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, log10, radians

from languages import gettext as _
from languages.dates import number
from web.feeds.told import Place
from web.feeds.words import is_exact
from web.pages.outlines import Box, Point

KILOMETRES_A_DEGREE = 111.32
# Outlines of 1:50 million are some kilometres wrong: on a narrower map they would only mislead.
_OUTLINED = 80.0
_AROUND = (
    300.0,
    600.0,
    1_200.0,
    2_400.0,
    4_000.0,
)  # kilometres; the first that shows a coast or a border
_TELLING = 40  # points of outlines that tell where one is
_NARROWEST = 2.0
_ROOM = 1.35  # around the outermost places
_FARTHEST_NORTH = 80.0  # beyond, east and west come too near to one another


@dataclass(frozen=True, slots=True)
class Spot:
    latitude: float
    longitude: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """In pixels from the upper left corner; `land`, `borders` and `grid` are paths of SVG."""

    width: int
    height: int
    land: str
    borders: str
    grid: str
    spots: list[tuple[int, int, str]]
    scale_pixels: int
    scale_kilometres: float

    @property
    def scale_words(self) -> str:
        if self.scale_kilometres >= 1:
            return _("%(number)s km", number=number(self.scale_kilometres))
        return _("%(number)s m", number=number(self.scale_kilometres * 1000))


def map_around(place: Place) -> Map | None:
    """Where in the world it is; None where it is not known exactly, or nothing would be seen."""
    if not is_exact(place):
        return None
    # To a hundredth of a degree: near enough, and places of one town share a drawing.
    return _around(round(place["latitude"] or 0.0, 2), round(place["longitude"] or 0.0, 2))


def map_of_spots(spots: Sequence[Spot]) -> Map | None:
    if not spots:
        return None
    first = spots[0].longitude
    # The short way round, also where the date changes.
    easts = [first + (each.longitude - first + 180) % 360 - 180 for each in spots]
    norths = [each.latitude for each in spots]
    middle = ((min(easts) + max(easts)) / 2, (min(norths) + max(norths)) / 2)
    width, height = 480, 320
    across = (max(easts) - min(easts)) * KILOMETRES_A_DEGREE * _shrunk(middle)
    up = (max(norths) - min(norths)) * KILOMETRES_A_DEGREE * width / height
    sheet = _Sheet(middle, max(across * _ROOM, up * _ROOM, _NARROWEST), width, height)
    placed = zip(easts, norths, spots, strict=True)
    return sheet.drawn([(east, north, spot.words) for east, north, spot in placed])


def overview_of(spots: Sequence[Spot]) -> Map | None:
    """Where in the world a map is that is too narrow to show it."""
    plan = map_of_spots(spots)
    if plan is None or not plan.grid:
        return None
    return _around(round(spots[0].latitude, 2), round(spots[0].longitude, 2))


@lru_cache(maxsize=512)
def _around(latitude: float, longitude: float) -> Map | None:
    for kilometres in _AROUND:
        sheet = _Sheet((longitude, latitude), kilometres, 320, 200)
        if sheet.tells():
            return sheet.drawn([(longitude, latitude, "")])
    return None


def _shrunk(middle: Point) -> float:
    """How much shorter a degree to the east is there than at the equator."""
    return cos(radians(max(-_FARTHEST_NORTH, min(_FARTHEST_NORTH, middle[1]))))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A map of so many kilometres from side to side. Degrees are of one length on all of it."""

    middle: Point
    kilometres: float
    width: int
    height: int

    @property
    def _pixels_a_kilometre(self) -> float:
        return self.width / self.kilometres

    @property
    def _box(self) -> Box:
        """With a little more, so that its edges are not seen."""
        east = self.kilometres / 2 / KILOMETRES_A_DEGREE / _shrunk(self.middle) * 1.05
        north = self.kilometres * self.height / self.width / 2 / KILOMETRES_A_DEGREE * 1.05
        x, y = self.middle
        return Box(x - east, y - north, x + east, y + north)

    def tells(self) -> bool:
        box = self._box
        return sum(len(each) for each in (*box.land(), *box.borders())) >= _TELLING

    def drawn(self, spots: Iterable[tuple[float, float, str]]) -> Map:
        box = self._box
        is_outlined = self.kilometres >= _OUTLINED
        kilometres = _scale(self.kilometres / 4)
        step = kilometres * self._pixels_a_kilometre
        return Map(
            self.width,
            self.height,
            self._path(box.land(), "z") if is_outlined else "",
            self._path(box.borders(), "") if is_outlined else "",
            "" if is_outlined else self._grid(step),
            [(*self._at((east, north)), words) for east, north, words in spots],
            round(step),
            kilometres,
        )

    def _at(self, point: Point) -> tuple[int, int]:
        a_degree = KILOMETRES_A_DEGREE * self._pixels_a_kilometre
        return (
            round(self.width / 2 + (point[0] - self.middle[0]) * a_degree * _shrunk(self.middle)),
            round(self.height / 2 - (point[1] - self.middle[1]) * a_degree),
        )

    def _path(self, lines: Iterable[Sequence[Point]], end: str) -> str:
        """Steps from point to point, those left out that nobody would see."""
        drawn: list[str] = []
        for line in lines:
            points = [self._at(each) for each in line]
            x, y = points[0]
            part = [f"M{x} {y}l"]
            for to_x, to_y in points[1:]:
                if abs(to_x - x) + abs(to_y - y) > 1:
                    part.append(f"{to_x - x} {to_y - y} ")
                    x, y = to_x, to_y
            if len(part) > (2 if end else 1):
                drawn.append("".join(part).rstrip() + end)
        return "".join(drawn)

    def _grid(self, step: float) -> str:
        across = (round(step * number) for number in range(1, int(self.width / step) + 1))
        down = (round(step * number) for number in range(1, int(self.height / step) + 1))
        return "".join(f"M{x} 0v{self.height}" for x in across) + "".join(
            f"M0 {y}h{self.width}" for y in down
        )


def _scale(most: float) -> float:
    """A round number of kilometres that is not more."""
    power = 10.0 ** int(log10(most) if most >= 1 else log10(most) - 1)
    return max(each * power for each in (1, 2, 5) if each * power <= most)
