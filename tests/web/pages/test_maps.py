"""The maps that the hub draws itself."""

import re

import pytest

from web.feeds.told import Place
from web.pages.maps import Spot, map_around, map_of_spots, overview_of
from web.pages.outlines import Box, outlines


def place(latitude: float, longitude: float, precision: str = "PRECISE") -> Place:
    return Place(
        name="Somewhere",
        streetAddress=None,
        locality=None,
        region=None,
        postalCode=None,
        country=None,
        latitude=latitude,
        longitude=longitude,
        precision=precision,
    )


def is_land(latitude: float, longitude: float) -> bool:
    """By counting how often a line to the west crosses the outlines."""
    crossed = 0
    for line in outlines()[0]:
        for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
            if (y > latitude) is not (to_y > latitude):
                at = x + (latitude - y) / (to_y - y) * (to_x - x)
                crossed += at < longitude
    return crossed % 2 == 1


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (39.1653, -86.5264, True),  # Bloomington
        (52.52, 13.4, True),  # Berlin
        (-36.85, 174.76, True),  # Auckland
        (40.0, -40.0, False),  # the Atlantic
        (0.0, 0.0, False),  # the Gulf of Guinea
        (42.0, 51.0, False),  # the Caspian Sea
    ],
)
def test_the_outlines_have_land_where_there_is_land(
    latitude: float, longitude: float, *, expected: bool
) -> None:
    assert is_land(latitude, longitude) is expected


def test_a_town_by_the_sea_is_shown_on_its_coast() -> None:
    drawn = map_around(place(44.65, -63.57))  # Halifax
    assert drawn is not None
    assert drawn.land
    assert drawn.spots == [(160, 100, "")]
    assert drawn.scale_words == "50 km"
    numbers = [int(each) for each in re.findall(r"-?\d+", drawn.land)]
    assert numbers
    assert len(drawn.land) < 3_000


def test_a_town_far_inland_is_shown_on_a_wider_map() -> None:
    drawn = map_around(place(39.17, -86.53))
    assert drawn is not None
    assert drawn.scale_words in ("100 km", "200 km", "500 km")


def test_no_place_that_is_not_exactly_public_is_on_a_map() -> None:
    assert map_around(place(44.65, -63.57, "NEAR")) is None


def test_nothing_is_drawn_of_nothing() -> None:
    assert map_of_spots([]) is None
    assert overview_of([]) is None
    assert map_around(place(-48.9, -123.4)) is None  # the sea, as far from land as it can be


def test_all_places_are_on_the_map_also_where_the_date_changes() -> None:
    spots = [Spot(-17.7, 178.0, "1"), Spot(-16.5, -179.9, "2"), Spot(-18.1, 177.4, "3")]
    drawn = map_of_spots(spots)
    assert drawn is not None
    assert all(0 < x < drawn.width and 0 < y < drawn.height for x, y, _ in drawn.spots)
    by_name = {words: x for x, _, words in drawn.spots}
    assert by_name["3"] < by_name["1"] < by_name["2"]
    assert drawn.land  # of Fiji, on both sides of the line


def test_a_map_of_one_town_has_a_grid_and_no_coast_that_would_mislead() -> None:
    spots = [Spot(39.16, -86.52, "1"), Spot(39.18, -86.54, "2")]
    drawn = map_of_spots(spots)
    assert drawn is not None
    assert (drawn.land, drawn.borders) == ("", "")
    assert drawn.grid
    assert overview_of(spots) is not None


def test_a_single_place_is_in_the_middle() -> None:
    drawn = map_of_spots([Spot(39.16, -86.52, "1")])
    assert drawn is not None
    assert drawn.spots == [(240, 160, "1")]
    assert drawn.scale_words == "500 m"


def test_land_is_cut_off_at_the_edges_of_the_map() -> None:
    rings = Box(-64.0, 44.0, -63.0, 45.0).land()
    assert rings
    assert all(-64 <= x <= -63 and 44 <= y <= 45 for ring in rings for x, y in ring)
