"""Where things happen, and how precisely that may be known."""

from dataclasses import dataclass, replace
from enum import StrEnum

from domain import texts
from domain.errors import Invalid
from domain.geo import cell_of, check_position


class PlacePrecision(StrEnum):
    PRECISE = "PRECISE"
    NEAR = "NEAR"
    REGION = "REGION"


# A position rounded to so many decimals: about 1 km, about 11 km.
_DECIMALS = {PlacePrecision.NEAR: 2, PlacePrecision.REGION: 1}


@dataclass(frozen=True, slots=True)
class Place:
    name: str | None = None
    street_address: str | None = None
    locality: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    precision: PlacePrecision = PlacePrecision.PRECISE

    @property
    def cell(self) -> int | None:
        """The cell of the map it lies in, for searching by distance."""
        if self.latitude is None or self.longitude is None:
            return None
        return cell_of(self.latitude, self.longitude)


def kept(place: Place, field: tuple[str, ...] = ("place",)) -> Place:
    """The place as it may be kept: made coarse *before* it is stored, so that no search by
    distance can find out more than its owner wished to show. Raises `Invalid`."""
    if (place.latitude is None) != (place.longitude is None):
        raise Invalid("A position needs both latitude and longitude.", (*field, "latitude"))
    if place.latitude is not None and place.longitude is not None:
        check_position(place.latitude, place.longitude, field)
    if place.country is not None and not (
        len(place.country) == 2 and place.country.isascii() and place.country.isalpha()
    ):
        raise Invalid("A country is two letters (ISO 3166-1), like DE or KE.", (*field, "country"))
    place = replace(
        place,
        name=texts.optional_line(place.name, (*field, "name")),
        street_address=texts.optional_line(place.street_address, (*field, "streetAddress")),
        locality=texts.optional_line(place.locality, (*field, "locality")),
        region=texts.optional_line(place.region, (*field, "region")),
        postal_code=texts.optional_line(place.postal_code, (*field, "postalCode")),
        country=place.country.upper() if place.country else None,
    )
    if place.precision is PlacePrecision.PRECISE:
        return place
    decimals = _DECIMALS[place.precision]
    return replace(
        place,
        name=place.name if place.precision is PlacePrecision.NEAR else None,
        street_address=None,
        postal_code=None if place.precision is PlacePrecision.REGION else place.postal_code,
        latitude=None if place.latitude is None else round(place.latitude, decimals),
        longitude=None if place.longitude is None else round(place.longitude, decimals),
    )
