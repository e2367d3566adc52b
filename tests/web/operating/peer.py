"""Another hub, far.test, that this one has to do with: read a minute before the tests' Monday, with a
change that has waited for an hour, and three records that were not believed."""

from sqlalchemy import text

from storage.engine import Database


async def an_active_peer(database: Database) -> None:
    async with database.writing() as db:
        await db.execute(text(
            "insert into hubs (id, authority, url, name, software, is_local, created_at) values"
            " ('hub_2@far.test', 'far.test', 'https://far.test', 'Far', '', false, now())"))  # fmt: skip
        await db.execute(
            text(
                "insert into peerings (hub_id, status, since, graphql_url, issuer, token_endpoint,"
                " client_id, schema_version, most_a_page, jwks_uri, client_jwks_uri, thumbprints,"
                " client_thumbprints, looked_at, faults, last_synced_at) values ('hub_2@far.test',"
                " 'ACTIVE', now(), '', '', '', '', '', 100, '', '', '{}', '{}', now(), 2,"
                " timestamptz '2027-03-01 08:59:00+00')"
            )
        )
        await db.execute(
            text(
                "insert into deliveries (id, hub_id, request_id, scopes, document, variables,"
                " status, created_at, next_at) values ('dlv_1', 'hub_2@far.test', '', '{}', '',"
                " '{}', 'PENDING', timestamptz '2027-03-01 08:00:00+00', now())"
            )
        )
        await db.execute(
            text(
                "insert into mirror_refusals (hub_id, channel, thing_id, reason, times, first_at,"
                " last_at) values ('hub_2@far.test', 'public', 'evt_1', 'spoofed', 3, now(), now())"
            )
        )
