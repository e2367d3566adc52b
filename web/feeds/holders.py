"""Organizations, groups and alliances as schema.org JSON-LD, with their dates to come.

It stands in their pages, answers to `Accept: application/ld+json`, and has an address of its own.
"""

from typing import Any

import orjson

from web.feeds.linked_data import STATUS, place_of, said, times_of
from web.feeds.told import Listed
from web.feeds.words import meets_in_place

Thing = dict[str, Any]  # as the documents of the pages give it


def linked_data_of_holder(kind: str, thing: Thing, dates: list[Listed]) -> bytes:
    parts = {"organization": _organization, "group": _group, "alliance": _alliance}[kind](thing)
    whole = {
        "@context": "https://schema.org",
        "@type": "NGO" if kind == "organization" else "Organization",
        "@id": thing["url"],
        "identifier": thing["id"],
        "url": thing["url"],
        "name": thing["name"],
        "keywords": thing["causes"],
        **parts,
        "event": [_date(each) for each in dates],
    }
    return orjson.dumps(said(whole), option=orjson.OPT_INDENT_2)


def _organization(thing: Thing) -> dict[str, Any]:
    return {
        "description": thing["description"] or thing["summary"],
        "disambiguatingDescription": thing["summary"],
        "sameAs": thing["website"],
        "knowsLanguage": thing["languages"],
        "location": place_of(thing["place"]) if thing["place"] else None,
        "subOrganization": [_named(each) for each in thing["groups"]["nodes"]],
        "memberOf": [_named(each["alliance"]) for each in thing["alliances"]["nodes"]],
    }


def _group(thing: Thing) -> dict[str, Any]:
    return {
        "description": thing["description"] or thing["purpose"],
        "disambiguatingDescription": thing["purpose"],
        "sameAs": thing["links"],
        "knowsLanguage": thing["languages"],
        "location": place_of(thing["place"]) if thing["place"] else None,
        "parentOrganization": _named(thing["parent"] or thing["organization"]),
        "subOrganization": [_named(each) for each in thing["subgroups"]["nodes"]],
    }


def _alliance(thing: Thing) -> dict[str, Any]:
    return {
        "description": thing["description"] or thing["purpose"],
        "disambiguatingDescription": thing["purpose"],
        "member": [_member(each) for each in thing["members"]["nodes"]],
        "subOrganization": [_named(each) for each in thing["groups"]["nodes"]],
    }


def _member(place: Thing) -> dict[str, Any]:
    """A place that is more than a member's is a Role between the two (schema.org/Role)."""
    organization = {**_named(place["organization"]), "@type": "NGO"}
    if place["role"] == "MEMBER":
        return organization
    return {
        "@type": "OrganizationRole",
        "roleName": place["role"].lower(),
        "member": organization,
    }


def _named(thing: Thing) -> dict[str, Any]:
    return {"@type": "Organization", "name": thing["name"], "url": thing["url"]}


def _date(date: Listed) -> dict[str, Any]:
    event = date["event"]
    place = date["place"] or event["place"]
    return said(
        {
            "@type": "Event",
            "name": date["title"],
            "url": event["url"],
            "eventStatus": f"https://schema.org/{STATUS[date['status']]}",
            **times_of(event, date["startsAt"], date["endsAt"]),
            "location": place_of(place)
            if place and meets_in_place(event, date["status"])
            else None,
            "organizer": {"@type": "Organization", **event["host"]},
        }
    )
