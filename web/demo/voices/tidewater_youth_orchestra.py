"""The Tidewater Youth Orchestra, where nobody is too poor for a cello."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import SIGNED, SOME_STEPS, STEP_FREE, Circle, Piece, Someone, Voice

TIDEWATER_YOUTH_ORCHESTRA = Voice(
    slug="tidewater-youth-orchestra",
    name="Tidewater Youth Orchestra",
    summary="Ninety players from eight to twenty-one, and an instrument for whoever turns up.",
    description="Free lessons, borrowed instruments, real concerts. Founded by a dock crane operator who played the viola. Our brass section is feared along the coast.",
    causes=("youth", "culture", "education"),
    languages=("en", "fr"),
    where="conservatory",
    telephone="+1 902 555 0106",
    people=(
        Someone("Ottoline Varga", TeamRole.OWNER),
        Someone("Desmond Kirwan", TeamRole.ADMIN),
        Someone("Amélie Comeau", TeamRole.EVENT_MANAGER, "fr"),
        Someone("Hyun-woo Seo"),
        Someone("Precious Dlamini"),
    ),
    circles=(
        Circle("sprats", "The Sprats", "Players from eight to eleven.", GroupKind.TEAM, where="conservatory"),
        Circle("brass", "Harbour Brass", "The loud half.", GroupKind.TEAM, where="bandstand", links=("https://tidewater.example/brass",)),
        Circle("parents", "Parents and Vans", "Drives, sews, feeds.", GroupKind.WORKING_GROUP, joining=JoinPolicy.BY_REQUEST, visibility=Visibility.ORGANIZATION),
    ),
    weekly=2,
    series=(
        Piece("Full rehearsal", "The door is open; sit at the back and listen.", "conservatory", "Sat", "09:30", 3, every="week", access=SOME_STEPS, joining=JoinMode.NONE),
        Piece("Sprats", "Strings for beginners. Instruments are lent; rosin is not edible.", "conservatory", "Wed", "16:00", 1, every="week", group="sprats", causes=("children", "culture"), other={"fr": ("Les Sprats", "Cordes pour débutants de huit à onze ans. Les instruments sont prêtés.")}),
        Piece("Parents and Vans", "Dates, sandwiches, drivers.", "conservatory", "Tue", "19:30", 1, every="month 1", group="parents", visibility=Visibility.GROUP),
    ),
    pieces=(
        Piece("Come and try: {topic}", "Hold it, blow it, drop it gently. Nobody needs to read music for the {topic}.", "branch southside school", "Sun", "14:00", 2, topics=("trombone", "double bass", "oboe", "timpani", "viola"), access=STEP_FREE, share=("merrow-commons",), beside=("port-merrow-library",), other={"fr": ("Venez essayer", "Tenez-le, soufflez dedans, posez-le doucement. Aucune lecture de la musique requise.")}),
        Piece("Concert: {topic}", "The full orchestra, with coats off. Doors at seven, cake in the interval.", "st-brendan", "Sat", "19:30", 2, topics=("Sibelius and sea shanties", "Florence Price, Symphony No. 1", "New music from this coast", "Dvořák outdoors, indoors", "Films without films"), free=False, capacity=320, access=SIGNED, share=("merrow-commons",), beside=("radio-maree",), joining=JoinMode.EXTERNAL, sign_up="https://tidewater.example/tickets", other={"fr": ("Concert : {topic}", "L'orchestre au complet. Portes à 19 h, gâteaux à l'entracte.")}),
        Piece("Brass on the esplanade", "Thirty minutes, whatever the wind.", "bandstand", "Sun", "12:00", 0.5, group="brass", access=STEP_FREE),
        Piece("Chamber evening at Silver Tide", "Quartets among armchairs. Requests are taken, some are played.", "seniors", "Thu", "15:00", 1, beside=("silver-tide",), share=("merrow-commons",), access=STEP_FREE, causes=("seniors", "culture")),
        Piece("Auditions", "Ten minutes, one piece you like, one scale you don't.", "conservatory", "Fri", "16:00", 3, joining=JoinMode.APPROVAL, capacity=18),
        Piece("Summer tour: bus and beds", "Who goes, who shares, who is sick on ferries.", "conservatory", "Mon", "18:30", 1, visibility=Visibility.ORGANIZATION, draft=True),
        Piece("Instrument hospital", "Two luthiers, one day, everything with a crack.", "conservatory", "Sat", "13:00", 4, access=SOME_STEPS),
    ),
)  # fmt: skip
