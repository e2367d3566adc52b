"""How an event comes before its audience (docs/domain.md s4.7).

Whether it takes place is another matter: an event that is cancelled stays published, so that those
who meant to come learn of it.
"""

from domain.events import PublicationStatus
from domain.transitions import Machine, Party, Step
from domain.words import say

DRAFT, PENDING = PublicationStatus.DRAFT, PublicationStatus.PENDING_APPROVAL
PUBLISHED, REJECTED = PublicationStatus.PUBLISHED, PublicationStatus.REJECTED

PUBLICATION = Machine(
    say("This event"),
    PublicationStatus,
    (
        Step("create", Party.HOST, (), (DRAFT, PUBLISHED), "createEvent"),
        # The host approves what waits for approval, or what was turned down, by publishing it.
        Step("publish", Party.HOST, (DRAFT, PENDING, REJECTED), (PUBLISHED,), "publishEvent"),
    ),
)
