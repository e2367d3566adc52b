"""Another hub that this one works with, as rows: nobody has to listen there for it to be looked at."""

from datetime import datetime

from storage.engine import Database
from storage.peer_tables import peerings
from storage.tables import hubs

SHELTERS = "hub_01JD8F3Z9V5X8Y7W6T4S2R1QPN@shelter.example"
URL = "https://shelter.example"


async def works_with(database: Database, now: datetime, name: str = "Shelters' hub") -> str:
    """Its id."""
    async with database.writing() as db:
        await db.execute(
            hubs.insert().values(
                id=SHELTERS,
                authority="shelter.example",
                url=URL,
                name=name,
                software="convoke/0.1.0",
                is_local=False,
                created_at=now,
            )
        )
        await db.execute(
            peerings.insert().values(
                hub_id=SHELTERS,
                status="ACTIVE",
                since=now,
                we_agreed_at=now,
                they_agreed_at=now,
                graphql_url=f"{URL}/graphql",
                issuer=URL,
                token_endpoint=f"{URL}/token",
                client_id=f"{URL}/client",
                schema_version="1",
                most_a_page=100,
                jwks_uri=f"{URL}/keys",
                client_jwks_uri=f"{URL}/client-keys",
                thumbprints=["one"],
                client_thumbprints=["two"],
                looked_at=now,
                last_error="It did not answer in time.",
                last_error_at=now,
            )
        )
    return SHELTERS
