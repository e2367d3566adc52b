"""The hub's own apps: `./convoke token` for a person, by a code that they type on the device page;
and the console, which acts for whoever is signed in there (`auth/console.py`).

They are made when a hub starts and they are not there yet. An operator may revoke one, and it stays
so.
"""

from collections.abc import Sequence

from auth import scopes
from domain.apps import AuthMethod, GrantType, RegisteredBy
from domain.outside import Clock
from storage import credentials
from storage.credentials import Client
from storage.engine import Database

COMMAND_LINE = "convoke-cli"
CONSOLE = "convoke-console"


async def ensure_built_in(database: Database, clock: Clock) -> None:
    """Also after an upgrade, when there are more scopes than before."""
    ours = (
        _ours(
            clock,
            COMMAND_LINE,
            "Convoke at the command line",
            (GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN),
        ),
        # It is given no token: what it asks is asked within the hub, while its person is signed in.
        _ours(clock, CONSOLE, "The console of this hub", ()),
    )
    for wanted in ours:
        async with database.reading(fresh=True) as db:
            known = await credentials.client_called(db, wanted.id)
        if known is None or (known.name, known.scopes) != (wanted.name, wanted.scopes):
            async with database.writing() as db:
                await credentials.keep_built_in(db, wanted)


def _ours(clock: Clock, client_id: str, name: str, grant_types: Sequence[GrantType]) -> Client:
    return Client(
        id=client_id,
        organization_id=None,
        name=name,
        scopes=scopes.FOR_PEOPLE,
        created_at=clock.now(),
        registered_by=RegisteredBy.BUILT_IN,
        grant_types=tuple(grant_types),
        auth_method=AuthMethod.NONE,
    )
