"""A visitor of the hub, and staff with browsers of their own."""

from tests.web.account.conftest import counter, service
from tests.web.console.conftest import staff
from tests.web.pages.conftest import visit

__all__ = ["counter", "service", "staff", "visit"]
