"""Hubs that can ask one another, as tests/federation has them."""

from tests.federation.conftest import neighbourhood

__all__ = ["neighbourhood"]
