"""Types named before they are defined: the graph has circles, and Python's imports may not.

Read `LaterEvent` as `Event`.
"""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.alliances import Alliance, AllianceMembership
    from schema.events import Event, EventHost, Occurrence
    from schema.groups import Group
    from schema.hubs import Hub
    from schema.organizations import Organization
    from schema.proposals import Proposal

LaterAlliance = Annotated["Alliance", strawberry.lazy("schema.alliances")]
LaterAllianceMembership = Annotated["AllianceMembership", strawberry.lazy("schema.alliances")]
LaterEvent = Annotated["Event", strawberry.lazy("schema.events")]
LaterEventHost = Annotated["EventHost", strawberry.lazy("schema.events")]
LaterGroup = Annotated["Group", strawberry.lazy("schema.groups")]
LaterHub = Annotated["Hub", strawberry.lazy("schema.hubs")]
LaterOrganization = Annotated["Organization", strawberry.lazy("schema.organizations")]
LaterProposal = Annotated["Proposal", strawberry.lazy("schema.proposals")]
LaterOccurrence = Annotated["Occurrence", strawberry.lazy("schema.events")]
