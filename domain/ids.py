"""Names for things: `<prefix>_<ulid>@<authority>`, so that an id says what it names and who owns it.

The ULID (26 characters of Crockford base 32, github.com/ulid/spec) sorts by the time it was made.
"""

import re
from base64 import urlsafe_b64encode
from datetime import datetime
from enum import StrEnum

from domain.errors import BadInput
from domain.outside import Chance, Clock
from domain.words import say

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHAPE = re.compile(r"([a-z]{3})_([0-9A-HJKMNP-TV-Z]{26})@([a-z0-9.\-\[\]:]{1,255})", re.ASCII)


class Kind(StrEnum):
    """What an id names, by its prefix."""

    HUB = "hub"
    ORGANIZATION = "org"
    GROUP = "grp"
    EVENT = "evt"
    OCCURRENCE = "occ"
    EVENT_HOST = "evh"
    ALLIANCE = "aln"
    ALLIANCE_MEMBERSHIP = "alm"
    AGREEMENT = "agr"
    AGREEMENT_ACCEPTANCE = "aga"
    PROPOSAL = "prp"
    BALLOT = "blt"
    PERSON = "prs"
    TEAM_MEMBER = "tmb"
    GROUP_MEMBERSHIP = "gmb"
    RSVP = "rsv"
    CONSENT = "cns"
    OUTGOING_MAIL = "mai"
    HANDOVER = "hdo"
    IMPORT_SOURCE = "ims"
    AUDIT_ENTRY = "aud"


_PREFIXES = {kind.value for kind in Kind}


class Names:
    """Makes the ids of one hub."""

    def __init__(self, authority: str, clock: Clock, chance: Chance) -> None:
        self.authority = authority
        self._clock = clock
        self._chance = chance

    def new(self, kind: Kind) -> str:
        return (
            f"{kind.value}_{ulid(self._clock.now(), self._chance.token_bytes(10))}@{self.authority}"
        )

    def secret(self) -> str:
        """43 characters that nobody can guess, for a link that lets whoever has it act."""
        return urlsafe_b64encode(self._chance.token_bytes(32)).decode().rstrip("=")


def ulid(at: datetime, chance: bytes) -> str:
    """26 characters: 48 bits of milliseconds since 1970, then 80 bits of chance."""
    number = int(at.timestamp() * 1000) << 80 | int.from_bytes(chance[:10], "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def kind_of(identifier: str) -> Kind | None:
    """What the id names, or None where it is no id of ours or of any hub."""
    shape = _SHAPE.fullmatch(identifier)
    if shape is None or shape[1] not in _PREFIXES:
        return None
    return Kind(shape[1])


def require(identifier: str, kind: Kind, field: tuple[str, ...]) -> str:
    """The id, or `BadInput` naming the field that holds something else."""
    if kind_of(identifier) is not kind:
        name = kind.name.replace("_", " ").lower()
        values = {"field": ".".join(field), "name": name, "kind": kind.value}
        if name[0] in "aeiou":
            raise BadInput(
                say("%(field)s: not the id of an %(name)s (%(kind)s_…@…).", **values), field
            )
        raise BadInput(say("%(field)s: not the id of a %(name)s (%(kind)s_…@…).", **values), field)
    return identifier
