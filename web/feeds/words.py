"""How pages and feeds say in words what the contract says in values. English, for now."""

from web.feeds.told import Entry, Hosting, InPlace, Place

OF_STATUS = {
    "TENTATIVE": ("Not certain yet.", "It may still change, or not take place."),
    "POSTPONED": ("Postponed.", "It does not take place then. A new date is not known yet."),
    "RESCHEDULED": ("Moved to another time.", "The time given here is the new one."),
    "MOVED_ONLINE": ("Moved online.", "Nobody meets in the place; take part online."),
    "CANCELLED": ("Cancelled.", "It does not take place."),
}


def joined(names: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def hosts(event: Entry) -> list[Hosting]:
    """Those who answer for it, the host first."""
    found = [each for each in event["hosts"] if each["role"] in ("HOST", "CO_HOST")]
    found.sort(key=lambda each: each["role"] != "HOST")
    return found or [Hosting(role="HOST", organization=event["host"])]


def supporters(event: Entry) -> list[Hosting]:
    return [each for each in event["hosts"] if each["role"] not in ("HOST", "CO_HOST")]


def hosted_by(event: Entry) -> str:
    host, *others = (each["organization"]["name"] for each in hosts(event))
    return f"Hosted by {host}" + (f" with {joined(others)}" if others else "")


def meets_in_place(event: InPlace, status: str) -> bool:
    """People come together where `place` says; not where it was moved online."""
    return event["attendanceMode"] != "ONLINE" and status != "MOVED_ONLINE"


def lines_of(place: Place) -> list[str]:
    """An address as one writes it: the town with its postal code, what is not known left out."""
    town = " ".join(part for part in (place["postalCode"], place["locality"]) if part)
    last = ", ".join(part for part in (town, place["region"], place["country"]) if part)
    return [line for line in (place["name"], place["streetAddress"], last) if line]


def is_exact(place: Place) -> bool:
    return place["precision"] == "PRECISE" and place["latitude"] is not None
