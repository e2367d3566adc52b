"""The hub's own app: `./convoke token` for a person, by a code that they type on the device page.

It is made when a hub starts and it is not there yet. An operator may revoke it, and it stays so.
"""

from auth import scopes
from domain.apps import AuthMethod, GrantType, RegisteredBy
from domain.outside import Clock
from storage import credentials
from storage.credentials import Client
from storage.engine import Database

COMMAND_LINE = "convoke-cli"


async def ensure_built_in(database: Database, clock: Clock) -> None:
    """Also after an upgrade, when there are more scopes than before."""
    wanted = Client(
        id=COMMAND_LINE,
        organization_id=None,
        name="Convoke at the command line",
        scopes=scopes.FOR_PEOPLE,
        created_at=clock.now(),
        registered_by=RegisteredBy.BUILT_IN,
        grant_types=(GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN),
        auth_method=AuthMethod.NONE,
    )
    async with database.reading(fresh=True) as db:
        known = await credentials.client_called(db, COMMAND_LINE)
    if known is None or (known.name, known.scopes) != (wanted.name, wanted.scopes):
        async with database.writing() as db:
            await credentials.keep_built_in(db, wanted)
