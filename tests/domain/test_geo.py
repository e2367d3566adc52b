"""Distances and the cells of the map: nobody near may be missed, wherever on the globe."""

from math import asin, atan2, cos, degrees, pi, radians, sin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.geo import (
    EARTH_RADIUS_KM,
    cell_of,
    cells_near,
    check_position,
    check_radius,
    distance_km,
)

LATITUDES = st.one_of(
    st.floats(-90, 90),
    st.floats(89, 90),
    st.floats(-90, -89),
    st.integers(-360, 360).map(lambda quarter: quarter / 4),
)
LONGITUDES = st.one_of(
    st.floats(-180, 180),
    st.floats(179, 180),
    st.floats(-180, -179),
    st.integers(-720, 720).map(lambda quarter: quarter / 4),
)
RADII = st.one_of(st.floats(0.001, 500), st.sampled_from([1e-4, 1.0, 25.0, 27.8, 500.0]))


def a_point_from(
    latitude: float, longitude: float, bearing: float, km: float
) -> tuple[float, float]:
    """Where one comes out, going so far that way (the direct problem on a sphere)."""
    phi, angle, azimuth = radians(latitude), km / EARTH_RADIUS_KM, radians(bearing)
    sine = sin(phi) * cos(angle) + cos(phi) * sin(angle) * cos(azimuth)
    there = asin(min(1.0, max(-1.0, sine)))
    east = atan2(sin(azimuth) * sin(angle) * cos(phi), cos(angle) - sin(phi) * sin(there))
    turned = (longitude + degrees(east) + 180) % 360 - 180
    return degrees(there), turned


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ((39.1653, -86.5264), (39.1653, -86.5264), 0.0),  # Bloomington, and itself
        ((52.5200, 13.4050), (48.8566, 2.3522), 877.46),  # Berlin to Paris
        ((0.0, 0.0), (0.0, 180.0), pi * EARTH_RADIUS_KM),  # half round the Earth
        ((90.0, 0.0), (-90.0, 77.0), pi * EARTH_RADIUS_KM),  # pole to pole
        ((90.0, 12.0), (90.0, -140.0), 0.0),  # the pole has every longitude
        ((0.0, 179.5), (0.0, -179.5), EARTH_RADIUS_KM * pi / 180),  # over the date line
        ((10.0, 180.0), (10.0, -180.0), 0.0),  # the date line is one line
    ],
)
def test_distances_are_those_of_the_globe(
    here: tuple[float, float], there: tuple[float, float], km: float
) -> None:
    assert distance_km(*here, *there) == pytest.approx(km, abs=0.01)
    assert distance_km(*there, *here) == pytest.approx(km, abs=0.01)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_the_distance_agrees_with_the_law_of_cosines_of_vectors(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> None:
    def vector(lat: float, lon: float) -> tuple[float, float, float]:
        phi, lam = radians(lat), radians(lon)
        return cos(phi) * cos(lam), cos(phi) * sin(lam), sin(phi)

    a, b = vector(latitude, longitude), vector(other_latitude, other_longitude)
    chord = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
    expected = 2 * EARTH_RADIUS_KM * asin(min(1.0, chord / 2))
    got = distance_km(latitude, longitude, other_latitude, other_longitude)
    assert got == pytest.approx(expected, abs=0.5)


@given(LATITUDES, LONGITUDES, RADII, st.floats(0, 360), st.floats(0, 1))
@example(90.0, 0.0, 500.0, 90.0, 1.0)
@example(89.9, 179.9, 27.8, 0.0, 1.0)
@example(-90.0, -180.0, 0.001, 10.0, 1.0)
@example(60.0, 180.0, 500.0, 90.0, 1.0)
@example(85.5, 0.0, 500.0, 0.0, 1.0)
def test_every_point_within_the_radius_is_in_a_cell_near(
    latitude: float, longitude: float, radius_km: float, bearing: float, share: float
) -> None:
    point = a_point_from(latitude, longitude, bearing, radius_km * share)
    if distance_km(latitude, longitude, *point) > radius_km:
        return  # rounded over the edge: then it need not be found
    assert cell_of(*point) in set(cells_near(latitude, longitude, radius_km))


@given(LATITUDES, LONGITUDES, RADII)
def test_few_cells_are_looked_into_and_each_once(
    latitude: float, longitude: float, radius_km: float
) -> None:
    cells = cells_near(latitude, longitude, radius_km)
    assert len(cells) <= (2 * radius_km / 27.7 + 3) ** 2
    assert cells == sorted(set(cells))
    assert cell_of(latitude, longitude) in cells


@given(LATITUDES, LONGITUDES, RADII, LATITUDES, LONGITUDES)
def test_a_cell_looked_into_is_never_far_from_the_circle(
    latitude: float, longitude: float, radius_km: float, a: float, b: float
) -> None:
    """A cell is at most 40 km across, so no point of a chosen cell is further out than that."""
    if distance_km(latitude, longitude, a, b) > radius_km + 60:
        assert cell_of(a, b) not in set(cells_near(latitude, longitude, radius_km))


@given(LATITUDES)
def test_the_date_line_is_one_line(latitude: float) -> None:
    assert cell_of(latitude, 180.0) == cell_of(latitude, -180.0)


@given(LATITUDES, LONGITUDES)
def test_a_cell_is_a_number_that_fits_an_integer_column(latitude: float, longitude: float) -> None:
    assert 0 <= cell_of(latitude, longitude) < 1_036_800


def test_the_numbers_of_cells_stay_what_they_are_in_the_database() -> None:
    places = [(39.1653, -86.5264), (0.0, 0.0), (90.0, 0.0), (-90.0, 0.0), (-33.87, 151.21)]
    assert [cell_of(*place) for place in places] == [743330, 519120, 1035363, 3, 323662]


@pytest.mark.parametrize(
    ("latitude", "longitude", "field"),
    [
        (90.01, 0.0, "latitude"),
        (-91.0, 0.0, "latitude"),
        (float("nan"), 0.0, "latitude"),
        (float("inf"), 0.0, "latitude"),
        (0.0, 180.5, "longitude"),
        (0.0, float("nan"), "longitude"),
        (0.0, float("-inf"), "longitude"),
    ],
)
def test_a_position_off_the_globe_is_refused_naming_the_number(
    latitude: float, longitude: float, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_position(latitude, longitude, ("place",))
    assert refusal.value.field == ("place", field)


def test_the_poles_and_the_date_line_are_positions() -> None:
    check_position(90.0, 180.0)
    check_position(-90.0, -180.0)


@pytest.mark.parametrize("radius", [0.0, -1.0, 500.1, float("nan"), float("inf")])
def test_a_radius_of_nothing_or_of_a_continent_is_refused(radius: float) -> None:
    with pytest.raises(Invalid) as refusal:
        check_radius(radius, ("near",))
    assert refusal.value.field == ("near", "radiusKm")
    check_radius(500.0)
