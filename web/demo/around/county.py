"""The county's libraries, whose hub is run by the county's own technicians."""

from domain.actors import TeamRole
from domain.groups import GroupKind
from web.demo.pieces import SOME_STEPS, STEP_FREE, Circle, Piece, Someone, Voice

COUNTY_LIBRARIES = Voice(
    slug="county-libraries",
    name="Merrow County Libraries",
    summary="Eleven branches, one bus full of books, and a warm chair for everybody.",
    description="Nobody asks what you are doing here. There is a socket for your telephone, a kettle, and somebody who knows where to find it out.",
    causes=("education", "loneliness"),
    languages=("en", "fr"),
    where="upper-merrow",
    telephone="+1 902 555 0190",
    people=(
        Someone("Constance Bell", TeamRole.OWNER),
        Someone("Amadou Keita", TeamRole.EVENT_MANAGER, "fr"),
        Someone("Fern MacAskill"),
    ),
    circles=(
        Circle("bus-crew", "Bus Crew", "Drives the bus, shelves the bus, washes the bus.", GroupKind.TEAM, where="upper-merrow"),
    ),
    weekly=1,
    series=(
        Piece("Warm room, open late", "The reading room stays open until ten while it is cold. Soup at seven, quiet after eight.", "upper-merrow", "Wed", "17:00", 5, every="week", access=STEP_FREE, share=("winter-table",), summary="Open until ten while it is cold; soup at seven."),
        Piece("Book bus at Saint-Alban", "Three thousand books on six wheels, beside the church.", "saint-alban", "Mon", "14:00", 2, every="2 weeks", access=SOME_STEPS, group="bus-crew", other={"fr": ("Le bibliobus à Saint-Alban", "Trois mille livres sur six roues, près de l'église.")}),
    ),
    pieces=(
        Piece("Read it together: {topic}", "An hour aloud, then tea. Tonight {topic}.", "upper-merrow", "Thu", "19:00", 1.5, topics=("a ghost story", "letters from the front", "a play with too many parts"), access=STEP_FREE),
    ),
)  # fmt: skip

BOOKBINDERS = Voice(
    slug="north-shore-bookbinders",
    name="North Shore Bookbinders' Circle",
    summary="We mend what the libraries can no longer lend.",
    description="Paste, thread and patience, since 1988. Bring the cookbook that fell into the sink.",
    causes=("culture", "climate"),
    languages=("en",),
    where="upper-merrow",
    telephone="+1 902 555 0191",
    people=(
        Someone("Ines Duarte", TeamRole.OWNER, "es"),
        Someone("Hal Whynot"),
    ),
    circles=(
        Circle("paste-table", "The Paste Table", "Mends on Saturdays, and teaches whoever sits down.", where="upper-merrow"),
    ),
    weekly=1,
    series=(
        Piece("Mending Saturday", "Spines, corners and torn maps. Leave it with us, or learn to do it.", "upper-merrow", "Sat", "10:00", 4, every="2 weeks", access=STEP_FREE, group="paste-table"),
    ),
    pieces=(
        Piece("Evening class: {topic}", "Six places, good lamps. Tonight {topic}.", "upper-merrow", "Thu", "18:30", 2, topics=("headbands", "marbled paper", "a box for a book"), capacity=6, access=STEP_FREE),
    ),
)  # fmt: skip

COUNTY = (COUNTY_LIBRARIES, BOOKBINDERS)
