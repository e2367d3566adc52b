"""How the organizations of Port Merrow are allied, and what they agreed to."""

from domain.alliances import AllianceKind, AllianceRole, DecisionRule, SharingPolicy
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy, Visibility
from web.demo.pieces import Charter, Pact

MEMBER, STEWARD, OBSERVER = AllianceRole.MEMBER, AllianceRole.STEWARD, AllianceRole.OBSERVER

COMMON_TABLE = Pact(
    slug="common-table",
    name="The Common Table",
    purpose="Nobody in Port Merrow goes to bed hungry, and nobody eats alone who does not wish to.",
    description="Organizations that cook, collect, grow or hand out food share their stock, their vans and their calendars, so that there is a warm meal somewhere every day of the week.",
    kind=AllianceKind.COALITION,
    joining=JoinPolicy.BY_REQUEST,
    deciding=DecisionRule.CONSENT,
    sharing=SharingPolicy(Visibility.ALLIANCE, HostEditing.DETAILS, AttendeeSharing.AGGREGATE_ONLY),
    causes=("food", "poverty", "loneliness"),
    convener="second-helping",
    members={
        "southside-mutual-aid": STEWARD,
        "lantern-house": MEMBER,
        "open-door-welcome": MEMBER,
        "silver-tide": MEMBER,
        "port-merrow-library": OBSERVER,
    },
    charters=(
        Charter(
            "Charter of the Common Table",
            (
                "1. Food is given without asking for papers.\n2. What one member has too much of is offered to the others first.\n3. We answer one another within a day.",
                "1. Food is given without asking for papers, or for reasons.\n2. What one member has too much of is offered to the others first, by Monday at nine.\n3. We answer one another within a day.\n4. Photographs of guests are taken by guests.",
            ),
            late=("port-merrow-library",),
        ),
        Charter(
            "Sharing of figures",
            (
                "Each month we tell one another how many people ate with us, as a number and never as names.",
            ),
            required=False,
            late=("lantern-house", "port-merrow-library"),
        ),
    ),
)

MERROW_COMMONS = Pact(
    slug="merrow-commons",
    name="Merrow Commons",
    purpose="One calendar and many open doors for culture, learning and the outdoors.",
    description="A network of places and people that keep the city's common life going. We announce one another's events, lend rooms and projectors, and do not put two concerts on one evening.",
    kind=AllianceKind.NETWORK,
    joining=JoinPolicy.OPEN,
    deciding=DecisionRule.MAJORITY,
    sharing=SharingPolicy(Visibility.PUBLIC, HostEditing.DETAILS, AttendeeSharing.REFERRED_ONLY),
    causes=("culture", "education", "climate", "newcomers"),
    convener="port-merrow-library",
    members={
        "radio-maree": STEWARD,
        "tidewater-youth-orchestra": MEMBER,
        "spoke-and-wrench": MEMBER,
        "merrow-river-society": MEMBER,
        "open-door-welcome": MEMBER,
        "barrier-free-merrow": STEWARD,
    },
    charters=(
        Charter(
            "Code of the Commons",
            (
                "We look at the shared calendar before we choose a date. What we put there is true, and we take it down when it is not. Every event says whether a wheelchair gets in.",
                "We look at the shared calendar before we choose a date. What we put there is true, and we take it down when it is not. Every event says whether a wheelchair gets in, and in which languages somebody answers.",
            ),
            late=("open-door-welcome", "tidewater-youth-orchestra"),
        ),
    ),
)

ROOFS_AND_RIGHTS = Pact(
    slug="roofs-and-rights",
    name="Roofs & Rights",
    purpose="No eviction without a neighbour at the door; no winter night without a bed.",
    description="A campaign until the winter by-law is passed: tenants, shelters and helplines that stand by the same people at different hours.",
    kind=AllianceKind.CAMPAIGN,
    joining=JoinPolicy.INVITE_ONLY,
    deciding=DecisionRule.UNANIMITY,
    sharing=SharingPolicy(Visibility.ALLIANCE, HostEditing.ALL, AttendeeSharing.NONE),
    causes=("housing", "homelessness", "civil-rights"),
    convener="merrow-tenants-union",
    members={
        "lantern-house": STEWARD,
        "southside-mutual-aid": MEMBER,
        "barrier-free-merrow": MEMBER,
        "harbour-night-line": MEMBER,
    },
    charters=(
        Charter(
            "Rules of confidence",
            (
                "Names of people who are threatened with eviction stay between the two organizations that help them. We speak to the press with one voice: that of the person concerned.",
            ),
        ),
        Charter(
            "Who speaks when",
            ("The convener speaks at hearings; members speak for themselves everywhere else.",),
            required=False,
            late=("harbour-night-line",),
        ),
    ),
)

# Those of its members that are at home on other hubs are invited by `together`.
WINTER_TABLE = Pact(
    slug="winter-table",
    name="The Winter Table",
    purpose="A warm meal and a warm room within an hour's walk, anywhere in the county, until April.",
    description="The city, the valley and the county's libraries keep one list of who is open on which evening. Each runs its own server; nobody types anything in twice.",
    kind=AllianceKind.COALITION,
    joining=JoinPolicy.INVITE_ONLY,
    deciding=DecisionRule.CONSENT,
    sharing=SharingPolicy(Visibility.ALLIANCE, HostEditing.DETAILS, AttendeeSharing.AGGREGATE_ONLY),
    causes=("food", "loneliness"),
    convener="second-helping",
    members={"lantern-house": MEMBER},
    charters=(),
)

PACTS = (COMMON_TABLE, MERROW_COMMONS, ROOFS_AND_RIGHTS, WINTER_TABLE)
