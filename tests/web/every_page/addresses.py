"""Where each page is, by the pattern of its address; and which addresses are no pages, and why.

`{names}` are of what `furnished.py` makes. A pattern that stands in neither list fails a test, so
that nobody has to remember to have a new page looked at.
"""

from dataclasses import dataclass
from typing import Literal

from tests.web.every_page.furnished import Ids

Who = Literal["anna", "nobody"]
SLUG, OF_PANTRY = "/console/{slug}", "/console/river-city-pantry"
EVENT, ALLIANCE = f"{SLUG}/events/{{id}}", f"{SLUG}/alliances/{{id}}"
TEAM, APPS = "/account/team/{slug}", "/account/apps/{slug}"


@dataclass(frozen=True)
class Address:
    """`path` as it is asked for, by whom."""

    pattern: str
    path: str
    who: Who

    @property
    def name(self) -> str:
        """Of its pictures."""
        words = self.pattern.replace(SLUG, "console").replace(":path", "").replace("/{slug}", "")
        plain = "".join(each for each in words if each not in "{}").strip("/")
        return plain.replace("/", "-") or "home"


# The address asked for, where it is not the pattern with these in its gaps.
_GAPS = {
    "slug": "river-city-pantry",
    "agreement": "{agreement}",
    "client": "{app}",
    "date": "{date}",
    "kind": "website",
    "membership": "{member}",
    "other": "{other}",
    "proposal": "{proposal}",
    "rsvp": "{answer}",
}
_IDS = {
    "/alliances/": "{alliance}",
    "/cohosting/offers/": "{offer}",
    "/cohosting/": "{place}",
    "/events/": "{event}",
    "/groups/": "{group}",
    "/hubs/": "{hub}",
    "/invitations/": "{invitation}",
    "/members/": "{member_of_team}",
    "/organizations/": "{pantry}",
    "/passkeys/": "{passkey}",
    "/providers/": "none",
}
_OTHERS = {
    "/account/invitation": "/account/invitation?letter={invited}",
    "/account/sign-in/link": "/account/sign-in/link?letter={signing}",
    "/rsvp/cancel": "/rsvp/cancel?token={cancel}",
    "/rsvp/confirm": "/rsvp/confirm?token={confirm}",
    "/mail/stop": "/mail/stop?link={stop}",
    "/oauth/authorize": "{authorize}",
    "/search": "/search?q=soup",
    f"{ALLIANCE}/join": f"{OF_PANTRY}/alliances/{{open}}/join",
    f"{ALLIANCE}/members/{{membership}}/{{step}}": (
        f"{OF_PANTRY}/alliances/{{alliance}}/members/{{member}}/{{step}}"
    ),
    f"{EVENT}/ask": f"{OF_PANTRY}/events/{{theirs}}/ask",
    f"{EVENT}/attendees": f"{OF_PANTRY}/events/{{soon}}/attendees",
    f"{EVENT}/attendees/{{rsvp}}": f"{OF_PANTRY}/events/{{soon}}/attendees/{{answer}}",
    f"{EVENT}/door": f"{OF_PANTRY}/events/{{soon}}/door",
    f"{EVENT}/handover": f"{OF_PANTRY}/events/{{shared}}/handover",
    f"{EVENT}/hosts": f"{OF_PANTRY}/events/{{shared}}/hosts",
    f"{EVENT}/publish": f"{OF_PANTRY}/events/{{draft}}/publish",
    f"{EVENT}/report": f"{OF_PANTRY}/events/{{past}}/report",
    f"{EVENT}/sheet": f"{OF_PANTRY}/events/{{soon}}/sheet",
    f"{EVENT}/unmerge": f"{OF_PANTRY}/events/{{merged}}/unmerge",
    f"{SLUG}/hubs/{{id}}/{{step}}": f"{OF_PANTRY}/hubs/{{hub}}/suspendPeering",
}
# Whoever is signed in is led on from these, or has nothing to do there.
_FOR_NOBODY = ("/account/sign-in", "/account/invitation")
_FOR_NOBODY_ALONE = ("/account/providers",)  # not what stands behind it

# Why nobody looks there, by how the pattern begins or ends.
_DATA = "data for programs, and no page"
NO_PAGES = {
    **dict.fromkeys(
        (".ics", ".atom", ".csv", ".jsonld", ".json", ".graphql", ".js", ".css"), _DATA
    ),
    **dict.fromkeys(("/.well-known/", "/oauth/jwks", "/oauth/userinfo", "/subgraph"), _DATA),
    **dict.fromkeys(("/healthz", "/readyz", "/metrics"), _DATA),
}
# Pages for which one has to do something first; where they are looked at instead.
LOOKED_AT_ELSEWHERE = {
    "/account/providers/{id}/callback": "test_providers.py: an organization's provider leads there",
    "/account/providers/waiting": "test_providers.py: with what a provider said",
    f"{TEAM}/providers/{{id}}/remove": "test_providers.py: with a provider",
    "/account/security/addresses/code": "test_accounts.py: with a letter on its way",
    "/account/security/addresses/confirm": "test_accounts.py: with a letter on its way",
    "/account/security/addresses/remove": "test_accounts.py: asked for by a form, with its address",
    "/account/apps": "leads on to the only team; test_home.py has somebody in two",
    "/account/sign-in/passkey": "test_passkeys.py: with what a passkey answered",
    f"{APPS}/app/{{client}}/keys": "test_apps.py: of an app that signs with keys of its own",
    "/console": "leads on to the only team; test_week.py has somebody in two",
    "/embed/events": "only where sites are named that may show all (test_frames.py)",
}


def is_no_page(pattern: str) -> bool:
    return any(pattern.startswith(each) or pattern.endswith(each) for each in NO_PAGES)


def address(pattern: str, ids: Ids) -> Address:
    path = _OTHERS.get(pattern) or _filled(pattern)
    is_public = not pattern.startswith(("/account", "/console", "/device", "/oauth", "/demo"))
    is_nobodys = pattern.startswith(_FOR_NOBODY) or pattern in _FOR_NOBODY_ALONE
    who: Who = "nobody" if is_public or is_nobodys else "anna"
    return Address(pattern, path.format(**ids), who)


def _filled(pattern: str) -> str:
    """With what belongs into the gaps, by their names, and of an id by what stands before it."""
    path = pattern.replace("{id:path}", "{id}")
    before, _, behind = path.partition("{id}")
    if before != path:
        kind = next(each for each in _IDS if before.endswith(each))
        path = before + _IDS[kind] + behind
    for name, words in _GAPS.items():
        path = path.replace("{" + name + "}", words)
    return path
