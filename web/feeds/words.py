"""How pages and feeds say in words what the contract says in values."""

from languages import N_, dates
from languages import gettext as _
from web.feeds.told import Entry, Hosting, InPlace, Place

OF_STATUS = {
    "TENTATIVE": (N_("Not certain yet."), N_("It may still change, or not take place.")),
    "POSTPONED": (
        N_("Postponed."),
        N_("It does not take place then. A new date is not known yet."),
    ),
    "RESCHEDULED": (N_("Moved to another time."), N_("The time given here is the new one.")),
    "MOVED_ONLINE": (N_("Moved online."), N_("Nobody meets in the place; take part online.")),
    "CANCELLED": (N_("Cancelled."), N_("It does not take place.")),
}


def said_of(status: str) -> str | None:
    """What nobody may overlook."""
    return " ".join(_(each) for each in OF_STATUS[status]) if status in OF_STATUS else None


def hosts(event: Entry) -> list[Hosting]:
    """Those who answer for it, the host first."""
    found = [each for each in event["hosts"] if each["role"] in ("HOST", "CO_HOST")]
    found.sort(key=lambda each: each["role"] != "HOST")
    return found or [Hosting(role="HOST", organization=event["host"])]


def supporters(event: Entry) -> list[Hosting]:
    return [each for each in event["hosts"] if each["role"] not in ("HOST", "CO_HOST")]


def hosted_by(event: Entry) -> str:
    host, *others = (each["organization"]["name"] for each in hosts(event))
    if not others:
        return _("Hosted by %(host)s.", host=host)
    return _("Hosted by %(host)s with %(others)s.", host=host, others=dates.listed(others))


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
