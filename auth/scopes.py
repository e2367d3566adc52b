"""The scopes: what an app may be allowed, in the words a person is asked to consent to.

One table, from which the consent text, the metadata, the manual (docs/scopes.md), the check at
registration and the check of the contract (`schema/access.py`) are made. A scope bounds what an app
may try; the role of its person and the rule on the thing (`domain.policy`) still decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.apps import RegisteredBy
from languages import N_


class Machine(StrEnum):
    """Whether an app that acts without a person may have it."""

    YES = "yes"
    OWN = "yes, on its own organization's things"
    BY_AGREEMENT = "when its organization decides so"
    PEERS = "peer hubs only"
    NO = "no"


class Delegated(StrEnum):
    """Whether a peer hub may have it when it acts for one of its people."""

    YES = "yes"
    BY_AGREEMENT = "by agreement"  # its organization works with one of this hub
    BY_HOME = "when their own hub says so"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Scope:
    name: str
    consent: str
    machine: Machine
    delegated: Delegated
    is_default: bool = False  # given where an app asks for none


def _read(name: str, consent: str) -> Scope:
    return Scope(name, consent, Machine.YES, Delegated.YES, is_default=True)


_TABLE = (
    Scope("openid", N_("Confirm who you are"), Machine.NO, Delegated.NO),
    Scope("offline_access", N_("Stay connected when you are away"), Machine.NO, Delegated.NO),
    _read("organizations:read", N_("See the organizations your organization may see")),
    _read("groups:read", N_("See the groups your organization may see")),
    _read("events:read", N_("See the events your organization may see")),
    _read(
        "alliances:read", N_("See the alliances your organization may see, and their agreements")
    ),
    Scope(
        "contacts:read",
        N_("See contact details of people in groups and events"),
        Machine.BY_AGREEMENT,
        Delegated.BY_AGREEMENT,
    ),
    Scope("attendance:read", N_("See who is coming"), Machine.NO, Delegated.BY_AGREEMENT),
    Scope(
        "attendance:write",
        N_("Sign people up and check them in"),
        Machine.YES,
        Delegated.BY_HOME,
    ),
    Scope("groups:write", N_("Create and change groups"), Machine.OWN, Delegated.BY_AGREEMENT),
    Scope("events:write", N_("Create and change events"), Machine.OWN, Delegated.BY_AGREEMENT),
    Scope(
        "events:publish",
        N_("Publish events and share them with alliances"),
        Machine.YES,
        Delegated.BY_AGREEMENT,
    ),
    Scope(
        "events:hosts", N_("Invite, accept and withdraw co-hosting"), Machine.YES, Delegated.BY_HOME
    ),
    Scope(
        "alliances:write",
        N_("Invite to, ask for, approve and leave alliances"),
        Machine.NO,
        Delegated.BY_HOME,
    ),
    Scope(
        "alliances:agree",
        N_("Accept agreements for the organization"),
        Machine.NO,
        Delegated.BY_HOME,
    ),
    Scope("organization:admin", N_("Change settings, people and apps"), Machine.NO, Delegated.NO),
    Scope("hubs:read", N_("See the hubs this hub works with"), Machine.YES, Delegated.NO),
    Scope("hubs:admin", N_("Manage the hubs this hub works with"), Machine.NO, Delegated.NO),
    Scope("federation:sync", N_("Read the change feed as a peer hub"), Machine.PEERS, Delegated.NO),
    Scope("audit:read", N_("Read the record of who changed what"), Machine.NO, Delegated.NO),
)

SCOPES = {scope.name: scope for scope in _TABLE}

DEFAULT = tuple(scope.name for scope in _TABLE if scope.is_default)

# What `./convoke client create` may give to an app that acts without a person.
FOR_MACHINES = tuple(
    scope.name
    for scope in _TABLE
    if scope.machine in {Machine.YES, Machine.OWN, Machine.BY_AGREEMENT}
)


# What an app may be given by a person who lets it in.
FOR_PEOPLE = tuple(scope.name for scope in _TABLE if scope.machine is not Machine.PEERS)

# What a peer hub may ask for when it acts for one of its people: as soon as that hub says so, and
# where their organization works with one of this hub.
FOR_PEERS_PEOPLE_UNASKED = tuple(
    scope.name for scope in _TABLE if scope.delegated in {Delegated.YES, Delegated.BY_HOME}
)
FOR_PEERS_PEOPLE = tuple(scope.name for scope in _TABLE if scope.delegated is not Delegated.NO)

# The hub's own parts alone may ask for these, whatever anybody registers or consents to.
BUILT_IN_ONLY = frozenset({"organization:admin", "hubs:admin"})

# What binds an organization, or changes who may act for it: whoever allows it shows once more who
# they are ("step-up").
_FRESH = frozenset({"alliances:agree", "organization:admin", "hubs:admin"})

# A person may untick any other one: an app that asks who they are can do nothing without.
REQUIRED = frozenset({"openid"})


def need_fresh(names: Iterable[str]) -> bool:
    """Whether allowing these takes somebody who showed who they are a moment ago."""
    return not _FRESH.isdisjoint(names)


def beyond(names: Iterable[str], registered_by: RegisteredBy) -> list[str]:
    """Those that no person may give to an app of that kind."""
    never = set(names) - set(FOR_PEOPLE)
    if registered_by is not RegisteredBy.BUILT_IN:
        never |= BUILT_IN_ONLY & set(names)
    return sorted(never)


def unknown(names: Iterable[str]) -> list[str]:
    return sorted(set(names) - SCOPES.keys())


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order of the table: how they are kept, shown and written in a token."""
    given = set(names)
    return tuple(name for name in SCOPES if name in given)
