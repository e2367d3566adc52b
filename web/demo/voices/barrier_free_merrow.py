"""Barrier-Free Merrow, run by disabled people."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import SIGNED, STEP_FREE, Circle, Piece, Someone, Voice

BARRIER_FREE_MERROW = Voice(
    slug="barrier-free-merrow",
    name="Barrier-Free Merrow",
    summary="Disabled people who measure ramps, change by-laws and throw good parties.",
    description="Nothing about us without us. We audit buildings, lend equipment, teach access to other organizations, and go to law when teaching has not helped.",
    causes=("disability", "civil-rights", "mobility"),
    languages=("en", "fr"),
    where="access",
    telephone="+1 902 555 0109",
    people=(
        Someone("Theodora Blackwood", TeamRole.OWNER),
        Someone("Ravi Subramanian", TeamRole.EDITOR),
        Someone("Mireille Gaudet", TeamRole.EVENT_MANAGER, "fr"),
        Someone("Hollis Greene"),
        Someone("Aziza Rahimi"),
    ),
    circles=(
        Circle("deaf-club", "Deaf Club Merrow", "ASL first, coffee second.", GroupKind.LOCAL, where="access", share=("merrow-commons",)),
        Circle("ramp-squad", "Ramp Squad", "Turns up with a ramp, a tape measure and the law.", GroupKind.TEAM, where="access", share=("merrow-commons", "roofs-and-rights")),
        Circle("crip-camp", "Young & Disabled", "From fourteen to twenty-five; carers wait outside.", GroupKind.LOCAL, joining=JoinPolicy.BY_REQUEST, visibility=Visibility.UNLISTED),
    ),
    weekly=2,
    series=(
        Piece("Deaf Club", "Signing, cards, gossip. Learners are welcome and corrected.", "access", "Fri", "19:00", 3, every="week", group="deaf-club", access=SIGNED),
        Piece("Equipment library", "Borrow a chair, a ramp, a hearing loop, a standing frame.", "access", "Mon Wed", "13:00", 3, every="week", access=SIGNED, other={"fr": ("Bibliothèque de matériel", "Fauteuils, rampes, boucles auditives : on prête.")}),
        Piece("Swim without stares", "The whole pool, warm, with hoists and friends.", "pool", "Sun", "18:00", 1.5, every="week", access=STEP_FREE, capacity=30, beside=("silver-tide",)),
    ),
    pieces=(
        Piece("Access audit: {topic}", "We measure {topic} with whoever is responsible, and publish what we find.", "town-hall bandstand cinema access", "Tue", "10:00", 2, topics=("Town Hall", "the ferry terminal", "Paragon Cinema", "the bus stops of Gate Road"), group="ramp-squad", share=("roofs-and-rights", "merrow-commons"), access=SIGNED),
        Piece("How to run an event everybody can come to", "For organizers: doors, captions, breaks, budgets. Our checklist is yours to keep.", "access", "Thu", "17:30", 2, capacity=20, online="https://meet.barrier-free.example/events", access=SIGNED, share=("merrow-commons",), beside=("port-merrow-library",), other={"fr": ("Organiser un événement ouvert à tous", "Portes, sous-titres, pauses, budgets : une liste à emporter.")}),
        Piece("Sign in a day", "A hundred signs by evening, taught in sign by Deaf teachers.", "access", "Sat", "10:00", 6, capacity=16, joining=JoinMode.APPROVAL, free=False, access=SIGNED, group="deaf-club"),
        Piece("Benefits tribunal: rehearsal", "We play the panel, you play yourself, until it bores you.", "access", "Wed", "14:00", 2, visibility=Visibility.ALLIANCE, share=("roofs-and-rights",), beside=("merrow-tenants-union",), access=SIGNED),
        Piece("Wheelchair ceilidh", "Chairs, sticks, feet: the caller knows how. Live band, quiet room, interpreters.", "mill-hall", "Sat", "19:30", 3, free=False, capacity=150, access=SIGNED, share=("merrow-commons",), beside=("tidewater-youth-orchestra",)),
        Piece("Young & Disabled: {topic}", "No staff, no forms.", "access", "Fri", "17:00", 3, topics=("pizza and games", "driving lessons", "dating, honestly"), group="crip-camp", visibility=Visibility.UNLISTED, access=SIGNED),
        Piece("Strategy day", "By-law 14, and after it.", "access", "Sun", "10:00", 6, visibility=Visibility.ORGANIZATION, access=SIGNED),
    ),
)  # fmt: skip
