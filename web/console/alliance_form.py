"""The form in which an alliance is founded and its terms are changed."""

from collections.abc import Mapping
from typing import Any

from web.console.typed import Typed

JOINING = ("INVITE_ONLY", "BY_REQUEST", "OPEN")
DECIDING = ("CONVENER", "MAJORITY", "CONSENT", "UNANIMITY")
SHARING = ("PUBLIC", "UNLISTED", "ALLIANCE")
EDITING = ("NONE", "DETAILS", "ALL")
ATTENDEES = ("NONE", "AGGREGATE_ONLY", "REFERRED_ONLY", "ALL_WITH_CONSENT")
SEEN = ("PUBLIC", "UNLISTED", "ALLIANCE")
NAMES = {  # the names of the form's fields, where they differ
    "sharing-defaultEventVisibility": "events",
    "sharing-memberEditing": "editing",
    "sharing-attendeeSharing": "attendees",
    "sharing": "events",
    "convener": "main",
    "id": "main",
    "version": "main",
}


def input_of(typed: Typed) -> dict[str, Any]:
    """What both `createAlliance` and `updateAlliance` take."""
    review = typed.day("reviewAt")
    return {
        "name": typed.text("name") or "",
        "purpose": typed.text("purpose") or "",
        "description": typed.text("description"),
        "joinPolicy": typed.chosen("joinPolicy", JOINING, "INVITE_ONLY"),
        "decisionRule": typed.chosen("decisionRule", DECIDING, "CONVENER"),
        "visibility": typed.chosen("visibility", SEEN, "PUBLIC"),
        "reviewAt": review.isoformat() if review else None,
        "causes": causes_of(typed),
        "sharing": {
            "defaultEventVisibility": typed.chosen("events", SHARING, "PUBLIC"),
            "memberEditing": typed.chosen("editing", EDITING, "DETAILS"),
            "attendeeSharing": typed.chosen("attendees", ATTENDEES, "AGGREGATE_ONLY"),
        },
    }


def causes_of(typed: Typed) -> list[str]:
    return [cause.strip() for cause in (typed.text("causes") or "").split(",") if cause.strip()]


def filled_of(alliance: Mapping[str, Any]) -> dict[str, str]:
    """The fields as they stand."""
    sharing = alliance["sharing"]
    plain = ("name", "purpose", "description", "joinPolicy", "decisionRule", "visibility")
    return {
        **{name: alliance[name] or "" for name in (*plain, "reviewAt")},
        "causes": ", ".join(alliance["causes"]),
        "events": sharing["defaultEventVisibility"],
        "editing": sharing["memberEditing"],
        "attendees": sharing["attendeeSharing"],
        "version": str(alliance["version"]),
    }
