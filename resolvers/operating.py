"""Whoever runs the hub, at its command line, and in whose name they act there."""

from domain.actors import OPERATOR, Viewer


def operator_for(organization_id: str | None = None) -> Viewer:
    """Acts as the organization's own app would, and may do what takes no partner's answer."""
    return Viewer(organization_id=organization_id, client_id=OPERATOR)
