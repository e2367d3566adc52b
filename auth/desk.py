"""What the use cases of identity work with: the database, names, the time, chance, and which request.

`resolvers.context.Context` is the same for what is done to the shared graph, by a `Viewer`. Here it
is not known yet who asks: that is what these use cases find out.
"""

import base64
import hashlib
from dataclasses import dataclass

from domain.ids import Kind, Names, ulid
from domain.outside import Chance, Clock
from storage import audit
from storage.audit import Entry
from storage.engine import Database, Writing


def digest_of(secret: str) -> bytes:
    """What is kept of a secret. It is 256 bits of chance: a slow hash would only slow us down."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Desk:
    """`address` is where the request came from, for `auth.throttle`; empty at the command line."""

    database: Database
    names: Names
    clock: Clock
    chance: Chance
    request_id: str
    address: str = ""

    def secret(self, prefix: str = "") -> str:
        """43 characters that nobody can guess, behind a prefix that scanners of leaks know."""
        random = base64.urlsafe_b64encode(self.chance.token_bytes(32)).rstrip(b"=").decode()
        return prefix + random

    def named(self, prefix: str) -> str:
        """`<prefix>_<ulid>`: the name of something that no other hub hears of."""
        return f"{prefix}_{ulid(self.clock.now(), self.chance.token_bytes(10))}"

    async def note(
        self,
        db: Writing,
        action: str,
        *,
        organization_id: str | None = None,
        client_id: str | None = None,
        person_id: str | None = None,
        subject_id: str | None = None,
        part_of: str | None = None,
        detail: str | None = None,
        hub_id: str | None = None,
    ) -> None:
        """In the record of who changed what: `person_id` did it, for the organization. The subject
        is a thing of the shared graph, `part_of` what it is a part of; `hub_id` is the peer hub that
        they come from. No secret, token or address
        belongs in `detail`."""
        await audit.add_of_identity(
            db,
            Entry(self.names.new(Kind.AUDIT_ENTRY), action, subject_id, detail, part_of),
            self.clock.now(),
            organization_id=organization_id,
            client_id=client_id,
            person_id=person_id,
            request_id=self.request_id,
            hub_id=hub_id,
        )
