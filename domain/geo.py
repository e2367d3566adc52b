"""Positions on the globe: how far apart, and in which cell of the map.

Distances are of a sphere (haversine), which is within 0.6 % of the real Earth: plenty for "near me".
A cell is a whole number, so that an ordinary index on (cell, starts_at) answers "near here, next
week"; no extension of the database is needed.
"""

from math import asin, ceil, cos, degrees, floor, isfinite, pi, radians, sin, sqrt

from domain.errors import Invalid
from domain.words import say

EARTH_RADIUS_KM = 6371.0088  # the mean radius of WGS 84 (IUGG)
MOST_RADIUS_KM = 500.0

# The map is cut into rows of a quarter degree (27.8 km), and each row into as many cells as keep
# them about as wide as high: 1,440 at the equator, 7 around a pole. The numbers stand in the
# database, so changing them means numbering every place again.
_ROWS = 720
_ROW_DEGREES = 180 / _ROWS
_MOST_CELLS_IN_A_ROW = 1440
# The search circle is widened by a millimetre, so that rounding never loses a point on its edge.
_SLACK_KM = 1e-6


def check_position(latitude: float, longitude: float, field: tuple[str, ...] = ()) -> None:
    """`Invalid`, naming the number, unless this is a position in degrees."""
    if not (isfinite(latitude) and -90 <= latitude <= 90):
        raise Invalid("A latitude is a number from -90 to 90, in degrees.", (*field, "latitude"))
    if not (isfinite(longitude) and -180 <= longitude <= 180):
        raise Invalid(
            "A longitude is a number from -180 to 180, in degrees.", (*field, "longitude")
        )


def check_radius(radius_km: float, field: tuple[str, ...] = ()) -> None:
    if not (isfinite(radius_km) and 0 < radius_km <= MOST_RADIUS_KM):
        raise Invalid(
            say("A radius is more than 0 and at most %(most)s km.", most=f"{MOST_RADIUS_KM:.0f}"),
            (*field, "radiusKm"),
        )


def distance_km(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Along the surface, by the haversine formula: steady for near points, poles and date line."""
    phi, other_phi = radians(latitude), radians(other_latitude)
    half_height = sin((other_phi - phi) / 2)
    half_width = sin(radians(other_longitude - longitude) / 2)
    square = half_height**2 + cos(phi) * cos(other_phi) * half_width**2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, square)))


def cell_of(latitude: float, longitude: float) -> int:
    """The cell a position lies in: 0 to 1,036,799, south to north, then west to east."""
    row = _row_of(latitude)
    return _cell(row, _column_of(row, longitude))


def cells_near(latitude: float, longitude: float, radius_km: float) -> list[int]:
    """Cells that together hold every point within the radius, in order, and few others.

    At most about (2r / 28 + 3)² of them: some 6 for 25 km, some 1,100 for the greatest radius.
    """
    angle = (radius_km + _SLACK_KM) / EARTH_RADIUS_KM
    reach = degrees(angle)
    south, north = max(-90.0, latitude - reach), min(90.0, latitude + reach)
    cells: list[int] = []
    for row in range(_row_of(south), _row_of(north) + 1):
        bottom = max(south, row * _ROW_DEGREES - 90)
        top = min(north, (row + 1) * _ROW_DEGREES - 90)
        half_width = _half_width(radians(latitude), angle, radians(bottom), radians(top))
        cells.extend(_cell(row, column) for column in _columns(row, longitude, half_width))
    return cells


def _half_width(center: float, angle: float, bottom: float, top: float) -> float:
    """How many degrees east and west the circle reaches, at most, between two parallels.

    The circle is widest at the parallel where meridians touch it, sin φ = sin center / cos angle,
    and narrows steadily on either side; where it holds a pole it widens until the pole.
    """
    touching = sin(center) / cos(angle)
    widest = asin(touching) if -1 < touching < 1 else (pi / 2 if touching > 0 else -pi / 2)
    at = min(max(widest, bottom), top)
    across = cos(center) * cos(at)
    # The haversine formula turned round: it keeps its digits where the circle is small.
    square = sin(angle / 2) ** 2 - sin((at - center) / 2) ** 2
    if square >= across:  # the circle holds a pole: every meridian
        return 180.0
    return 2 * degrees(asin(sqrt(max(0.0, square / across))))


def _columns(row: int, longitude: float, half_width: float) -> list[int]:
    """The columns of a row within so many degrees of a meridian, across the date line too."""
    count = _cells_in(row)
    width = 360 / count
    half_width += 1e-7  # a centimetre, for what the formula above may round away
    first = floor((longitude - half_width + 180) / width)
    last = floor((longitude + half_width + 180) / width)
    if last - first + 1 >= count:
        return list(range(count))
    return sorted(column % count for column in range(first, last + 1))


def _row_of(latitude: float) -> int:
    return min(_ROWS - 1, max(0, floor((latitude + 90) / _ROW_DEGREES)))


def _column_of(row: int, longitude: float) -> int:
    count = _cells_in(row)
    return floor((longitude + 180) / 360 * count) % count


def _cells_in(row: int) -> int:
    """Counted at the row's edge nearest the equator, where it is longest."""
    nearest = min(abs(row * _ROW_DEGREES - 90), abs((row + 1) * _ROW_DEGREES - 90))
    # Rounded before it is rounded up: a cosine may differ in its last bit between two machines.
    return ceil(round(_MOST_CELLS_IN_A_ROW * cos(radians(nearest)), 6))


def _cell(row: int, column: int) -> int:
    return row * _MOST_CELLS_IN_A_ROW + column
