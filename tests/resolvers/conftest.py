"""What tests of use cases may ask for, beside what every test may."""

import pytest

from storage.engine import Database
from tests.cast import Cast, MakeContext, publish
from tests.outside import StandingClock
from tests.resolvers.coalition import Coalition, coalition_of
from tests.resolvers.harbor import Harbor
from tests.resolvers.hosting import Table
from tests.resolvers.importing import Desk


@pytest.fixture
def desk(context: MakeContext, cast: Cast, database: Database) -> Desk:
    return Desk(context, cast, database)


@pytest.fixture
async def coalition(context: MakeContext, cast: Cast, database: Database) -> Coalition:
    return await coalition_of(context, cast, database)


@pytest.fixture
def harbor(context: MakeContext, cast: Cast, database: Database, clock: StandingClock) -> Harbor:
    return Harbor(context, cast, database, clock)


@pytest.fixture
async def table(context: MakeContext, cast: Cast, database: Database) -> Table:
    return Table(context, cast, database, await publish(context, cast.anna))
