"""The names (jti) of assertions that were believed, as rows: each is believed once."""

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from storage.credential_tables import used_assertions


def use(connection: Connection, issuer: str, jti: str, until: datetime) -> bool:
    """Whether this is the first use. Of several at once, all but one wait here, and then hear no."""
    statement = insert(used_assertions).values(issuer=issuer, jti=jti, expires_at=until)
    return connection.execute(statement.on_conflict_do_nothing()).rowcount > 0
