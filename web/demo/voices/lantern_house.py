"""Lantern House, the night shelter: careful about where its guests can be found."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import STEP_FREE, Circle, Piece, Someone, Voice

LANTERN_HOUSE = Voice(
    slug="lantern-house",
    name="Lantern House Shelter",
    summary="Forty-two beds, a day room, and people who stay beside you until there is a key.",
    description="A night shelter and day room in Old Harbour. Dogs are welcome. We work with the tenants' union so that people leave us for a home of their own, and with the food bank so that there is always soup.",
    causes=("housing", "homelessness", "health"),
    languages=("en", "fr"),
    where="shelter",
    telephone="+1 902 555 0102",
    people=(
        Someone("Samira Boudreau", TeamRole.OWNER, "fr"),
        Someone("Dermot Aylward", TeamRole.ADMIN),
        Someone("Ngozi Eze", TeamRole.EDITOR),
        Someone("Lou Hennessey"),
        Someone("Pritam Gill"),
    ),
    circles=(
        Circle("night-watch", "Night Watch", "Volunteers who sit up, one night a month.", GroupKind.TEAM, joining=JoinPolicy.BY_REQUEST),
        Circle("house-council", "House Council", "Guests and former guests decide on house rules.", GroupKind.WORKING_GROUP, joining=JoinPolicy.INVITE_ONLY, visibility=Visibility.GROUP),
        Circle("key-club", "The Key Club", "People who have moved out come back to help others do so.", GroupKind.LOCAL, where="shelter", visibility=Visibility.ALLIANCE, share=("roofs-and-rights",)),
    ),
    weekly=2,
    series=(
        Piece("Day room", "Showers, laundry, phones charged, a nurse on Thursdays. Come in and sit down.", "shelter", "Mon Tue Wed Thu Fri", "09:00", 7, every="week", access=STEP_FREE, other={"fr": ("Salle de jour", "Douches, lessive, recharge de téléphones, infirmière le jeudi. Entrez et asseyez-vous.")}),
        Piece("House Council", "What works, what does not, and who keeps the quiet hours quiet.", "near-shelter", "Wed", "16:00", 1, every="2 weeks", group="house-council", visibility=Visibility.GROUP),
        Piece("Foot care with Nurse Ngozi", "Warm water, clean socks, and somebody who looks closely.", "shelter", "Thu", "13:00", 3, every="week", joining=JoinMode.NONE, access=STEP_FREE, share=("roofs-and-rights",), beside=("silver-tide",)),
    ),
    pieces=(
        Piece("How to sit up: training for the Night Watch", "De-escalation, overdose response, and when to wake somebody. Two evenings and a night alongside.", "shelter", "Tue", "18:00", 3, sessions=2, capacity=12, joining=JoinMode.APPROVAL, group="night-watch", access=STEP_FREE, share=("roofs-and-rights",)),
        Piece("Soup and signatures", "Forms for a birth certificate, a health card, a housing list: bring what you have, we fill in what is missing.", "shelter", "Mon", "11:00", 3, beside=("merrow-tenants-union",), share=("common-table", "roofs-and-rights"), access=STEP_FREE, other={"fr": ("Soupe et signatures", "Acte de naissance, carte santé, liste d'attente pour un logement : apportez ce que vous avez, nous complétons le reste.")}),
        Piece("Case conference: {topic}", "Between organizations, with consent, one hour. Bring the file and the phone number that works.", "", "Wed", "10:00", 1, topics=("winter beds", "families", "people leaving hospital", "dogs and leases"), online="https://meet.lantern-house.example/conference", visibility=Visibility.ALLIANCE, share=("roofs-and-rights",)),
        Piece("Warm clothes swap", "Coats, boots, sleeping bags, gloves in pairs. Take one, leave one, or only take.", "mill-hall", "Sat", "12:00", 3, access=STEP_FREE, share=("common-table",), other={"fr": ("Échange de vêtements chauds", "Manteaux, bottes, sacs de couchage. Prenez, laissez, ou prenez seulement.")}),
        Piece("Memorial for those who died outside", "We read the names, and light a lantern for each. All faiths and none.", "market", "Sun", "17:30", 1, access=STEP_FREE, beside=("harbour-night-line",), share=("roofs-and-rights",)),
        Piece("Staff supervision", "With Dr Imrie. What is said stays here.", "near-shelter", "Fri", "14:00", 1.5, visibility=Visibility.PRIVATE),
        Piece("Moving day for {topic}", "A key at last! We need two vans, six backs and somebody who can do plumbing.", "somewhere", "Sat", "10:00", 4, topics=("a family of five", "Roy and his dog", "two sisters"), group="key-club", visibility=Visibility.UNLISTED, share=("roofs-and-rights",)),
    ),
)  # fmt: skip
