"""The Harbour Night Line, which answers the telephone and keeps to itself: known to allies alone."""

from domain.actors import TeamRole
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import STEP_FREE, Circle, Piece, Someone, Voice

HARBOUR_NIGHT_LINE = Voice(
    slug="harbour-night-line",
    name="Harbour Night Line",
    summary="Somebody answers, from eight in the evening until eight in the morning.",
    description="A crisis line run by sixty trained volunteers. Where we sit is nobody's business; how to be trained is.",
    causes=("health", "loneliness", "violence-prevention"),
    languages=("en", "fr", "ar"),
    where="somewhere",
    telephone="+1 902 555 0113",
    visibility=Visibility.ALLIANCE,
    people=(
        Someone("Maren Oyelaran", TeamRole.OWNER),
        Someone("Stéphane Robichaud", TeamRole.EDITOR, "fr"),
        Someone("Layla Haddad", language="ar"),
        Someone("Joan Tupper"),
    ),
    circles=(
        Circle("listeners", "Listeners", "Sixty voices, no surnames.", GroupKind.TEAM, joining=JoinPolicy.INVITE_ONLY, visibility=Visibility.GROUP),
        Circle("training", "Training Team", "Teaches listening to whoever must.", GroupKind.WORKING_GROUP, visibility=Visibility.ALLIANCE, share=("roofs-and-rights",)),
    ),
    weekly=1,
    series=(
        Piece("Debriefing", "For whoever was on the line this week.", "somewhere", "Sun", "11:00", 1.5, every="week", group="listeners", visibility=Visibility.GROUP),
        Piece("Handover with Lantern House", "Who may call for a bed tonight, and on which number.", "", "Mon", "19:00", 0.5, every="week", online="https://meet.night-line.example/handover", visibility=Visibility.ALLIANCE, share=("roofs-and-rights",), beside=("lantern-house",)),
    ),
    pieces=(
        Piece("Listening to {topic}", "For staff and volunteers of our allies. Three hours, no slides.", "mill-hall", "Thu", "14:00", 3, topics=("somebody in crisis", "a teenager", "somebody who drinks", "silence"), group="training", visibility=Visibility.ALLIANCE, share=("roofs-and-rights",), capacity=18, access=STEP_FREE),
        Piece("Become a listener: information evening", "What we ask of you, and what we give back. Come without an appointment.", "library", "Tue", "18:30", 1.5, access=STEP_FREE, visibility=Visibility.ALLIANCE, share=("roofs-and-rights",), other={"fr": ("Devenir écoutant : soirée d'information", "Ce que nous demandons, ce que nous offrons."), "ar": ("كن مستمعًا: أمسية تعريفية", "ما نطلبه منك وما نقدمه لك.")}),
        Piece("Rota", "The gaps of the coming month.", "", "Wed", "20:00", 0.5, online="https://meet.night-line.example/rota", visibility=Visibility.ORGANIZATION),
        Piece("Supervision in small groups", "With Dr Imrie.", "somewhere", "Sat", "10:00", 2, visibility=Visibility.PRIVATE),
    ),
)  # fmt: skip
