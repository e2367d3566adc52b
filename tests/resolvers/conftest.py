"""What tests of use cases may ask for, beside what every test may."""

import pytest

from storage.engine import Database
from tests.cast import Cast, MakeContext
from tests.resolvers.importing import Desk


@pytest.fixture
def desk(context: MakeContext, cast: Cast, database: Database) -> Desk:
    return Desk(context, cast, database)
