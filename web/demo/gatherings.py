"""What the organizations of the city do together: last month's events with those who came, and a few
of the coming weeks that somebody has yet to see to. Each month has its own.

`meeting` makes them. Guests are the city's neighbours, who have accounts, and people without one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.events import JoinMode
from web.demo.known import Known
from web.demo.moments import last_month, nth, today
from web.demo.pieces import ROUGH_GROUND, SOME_STEPS, STEP_FREE, Piece, Someone, Voice
from web.demo.schedule import DAYS, Planned, times_of, zone_of
from web.demo.voices import VOICES

SHY = "harbour-night-line"  # its people are met nowhere else


class Recorded(StrEnum):
    """How it was written down who was there."""

    AT_THE_DOOR = "at the door"
    ON_A_SHEET = "on a sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """`which` Saturday (or whatever its piece says) of last month it was, or how many days `ahead`
    it is at least. Who accepted and stayed away are the last ones of `neighbours`."""

    key: str
    host: str
    piece: Piece
    which: int = 0
    ahead: int = 0
    invited: tuple[str, ...] = ()  # organizations that have yet to say whether they host it too
    asks: str | None = None  # what these were written
    added: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # by the first co-host
    neighbours: range = range(0)
    by_mail: tuple[str, ...] = ()  # guests without an account, each with an address
    sent: int = 0  # the first so many of these by the first co-host, which they let know of them
    written_down: tuple[str, ...] = ()  # by the host, by name alone
    walked_in: tuple[str, ...] = ()
    gave_up: int = 0  # so many of the first neighbours gave their places back
    stayed_away: int = 0
    recorded: Recorded | None = None
    # How it was; and how many came, where nobody was checked in.
    report: tuple[str, int | None] | None = None

    def planned(self, now: datetime) -> Planned:
        voice = next(voice for voice in VOICES if voice.slug == self.host)
        starts, ends = times_of(self.piece, self.day(now))
        return Planned(
            name=self.name(now),
            voice=voice,
            piece=self.piece,
            topic="",
            where=self.piece.where,
            starts_at=starts,
            ends_at=ends,
            time_zone=zone_of(self.piece),
        )

    def name(self, now: datetime) -> str:
        return f"{today(now):%Y-%m} {self.key}"

    def id_in(self, known: Known, now: datetime) -> str | None:
        return known.events.get((known.organizations[self.host], self.name(now)))

    def day(self, now: datetime) -> date:
        weekday = DAYS.index(self.piece.days)
        if self.which:
            return nth(last_month(now)[0], weekday, self.which)
        soonest = today(now) + timedelta(days=self.ahead)
        return soonest + timedelta(days=(weekday - soonest.weekday()) % 7)


def neighbours() -> list[tuple[Voice, Someone]]:
    """People of the city with an account and no part in a team, one of each organization in turn."""
    of_each = [
        [(voice, one) for one in voice.people if one.role is None]
        for voice in VOICES
        if voice.slug != SHY
    ]
    return list(_in_turn(of_each))


def _in_turn(
    of_each: Iterable[list[tuple[Voice, Someone]]],
) -> Iterator[tuple[Voice, Someone]]:
    left = [list(of_one) for of_one in of_each]
    while any(left):
        yield from (of_one.pop(0) for of_one in left if of_one)


LAST_MONTH = (
    Gathering(
        key="kitchen",
        host="open-door-welcome",
        which=2,
        piece=Piece("Kitchen of the world: a table of four countries", "Nour makes mansaf, Iryna borscht, Grace pondu, Luz Marina tamales. Come hungry, and say where you are from only if you like.", "kitchen", "Sat", "17:30", 3, access=STEP_FREE, share=("common-table",), beside=("second-helping",), causes=("newcomers", "food"), other={"ar": ("مطبخ العالم: مائدة أربعة بلدان", "منسف وبورشت وبوندو وتامال. تعالوا جائعين."), "fr": ("Cuisine du monde : une table, quatre pays", "Mansaf, bortsch, pondu et tamales. Venez avec de l'appétit.")}),
        neighbours=range(12),
        by_mail=("Maren Holt", "Yusuf Demir", "Odile Theriot", "Petra Novak"),
        sent=2,
        stayed_away=3,
        recorded=Recorded.AT_THE_DOOR,
        report=("Forty plates, four languages at every table, and one recipe that nobody will give away.", None),
    ),
    Gathering(
        key="gleaning",
        host="second-helping",
        which=3,
        piece=Piece("Gleaning day for everybody", "The whole north field, before the farmer ploughs it. Gloves, soup and a bus are provided; the list is a sheet of paper on a crate.", "fallow-farm", "Sun", "09:00", 5, access=ROUGH_GROUND, group="gleaners", share=("common-table",), other={"es": ("Espigueo para todos", "Todo el campo del norte, antes del arado. Guantes, sopa y autobús incluidos.")}),
        neighbours=range(5, 16),
        written_down=("Old Tom", "Mrs Whynot", "Father Leo"),
        walked_in=("Jess from the bus", "Ramón's brother", "A man with a dog"),
        stayed_away=2,
        recorded=Recorded.ON_A_SHEET,
    ),
    Gathering(
        key="clothes",
        host="lantern-house",
        which=4,
        piece=Piece("Clothes swap, the big one", "Every coat in Millside Hall at once. Take one, leave one, or only take.", "mill-hall", "Sat", "12:00", 4, joining=JoinMode.NONE, access=STEP_FREE, share=("common-table",), other={"fr": ("Le grand échange de vêtements", "Tous les manteaux de la ville dans une salle.")}),
        report=("Three hundred coats went, and eleven dogs came. Nobody counted names; the coats are counted.", 85),
    ),
    Gathering(
        key="pot",
        host="southside-mutual-aid",
        which=1,
        piece=Piece("La olla grande", "La olla común, pero para toda la calle: mesas afuera, música si no llueve.", "southside", "Sun", "13:00", 4, language="es", access=STEP_FREE, share=("common-table",), other={"en": ("The big pot", "The common pot, for the whole street: tables outside, music unless it rains.")}),
        neighbours=range(11, 22),
        by_mail=("Maren Holt", "Graciela Ruiz"),
        stayed_away=1,
        recorded=Recorded.AT_THE_DOOR,
    ),
    Gathering(
        key="small pots",
        host="silver-tide",
        which=2,
        piece=Piece("Cooking for one, with guests", "Small pots, good food, and somebody new beside you.", "seniors", "Mon", "11:00", 2, share=("common-table",), access=STEP_FREE, other={"de": ("Kochen für eine Person, mit Gästen", "Kleine Töpfe, gutes Essen, und jemand Neues daneben.")}),
    ),
    Gathering(
        key="first week",
        host="open-door-welcome",
        which=3,
        piece=Piece("Your first week: buses, bins and banks", "A walk through everything that nobody tells you. In Arabic, Ukrainian, French and Spanish.", "welcome", "Thu", "14:00", 2, access=STEP_FREE, share=("merrow-commons",), causes=("newcomers",), other={"ar": ("أسبوعكم الأول: الحافلات والبنوك", "جولة في كل ما لا يخبركم به أحد."), "es": ("Su primera semana: autobuses, basura y bancos", "Un paseo por todo lo que nadie le cuenta.")}),
        neighbours=range(6),
        by_mail=("Odile Theriot", "Bilal Aziz"),
        stayed_away=1,
        recorded=Recorded.AT_THE_DOOR,
    ),
    Gathering(
        key="school",
        host="open-door-welcome",
        which=4,
        piece=Piece("How school works here, evening class", "For parents who work by day. Two teachers, four interpreters, biscuits.", "school", "Tue", "19:00", 1.5, access=STEP_FREE, other={"ar": ("كيف تعمل المدرسة هنا، حصة مسائية", "للأهل الذين يعملون نهارًا.")}),
    ),
)  # fmt: skip

SHARED = Gathering(
    key="long table",
    host="second-helping",
    ahead=16,
    piece=Piece("Long table on Market Square", "One table, two hundred metres, everybody's chairs. Each organization brings a dish and the people who make it.", "market", "Sat", "16:00", 4, access=STEP_FREE, share=("common-table",), beside=("southside-mutual-aid",)),
    invited=("open-door-welcome",),
    asks="Will you be the third name on it? You would bring the people of your sewing room, and we the ovens.",
    added={"es": ("Mesa larga en la plaza del mercado", "Una sola mesa de doscientos metros, con las sillas de todos. Cada organización trae un plato y a quienes lo cocinan.")},
    neighbours=range(4, 11),
    by_mail=("Maren Holt",),
)  # fmt: skip
FULL = Gathering(
    key="bicycles",
    host="open-door-welcome",
    ahead=9,
    piece=Piece("Bicycle evening for newcomers", "Eight stands, eight people: lights, locks and brakes for the bicycle you were given, with interpreters for Arabic and Spanish.", "workshop", "Thu", "18:00", 2.5, capacity=8, access=SOME_STEPS, share=("merrow-commons",), beside=("spoke-and-wrench",), causes=("newcomers", "mobility"), other={"ar": ("أمسية الدراجات للوافدين الجدد", "ثمانية حوامل لثمانية أشخاص: أضواء وأقفال ومكابح."), "es": ("Tarde de bicicletas para recién llegados", "Ocho puestos, ocho personas: luces, candados y frenos.")}),
    neighbours=range(2, 9),
    gave_up=1,
    by_mail=("Bilal Aziz", "Oksana Petrenko", "Rosa Tum", "Idris Saleh", "Hana Kim"),
    sent=4,
)  # fmt: skip
# Entered by two organizations, neither of which has looked.
TWICE_THERE = Gathering(
    key="lighthouse",
    host="tidewater-youth-orchestra",
    ahead=19,
    piece=Piece("Lanterns and brass at Lighthouse Point", "The brass section plays the sun down, and two hundred lanterns take over.", "lighthouse", "Sun", "17:00", 2, share=("merrow-commons",), access=SOME_STEPS),
)  # fmt: skip
TWICE = Gathering(
    key="lighthouse too",
    host="radio-maree",
    ahead=19,
    piece=Piece("Lanterns & Brass, Lighthouse Point (live)", "Les cuivres des jeunes de Tidewater au phare, avec deux cents lanternes. En direct sur le 94,7.", "lighthouse", "Sun", "17:15", 2, language="fr", share=("merrow-commons",), access=SOME_STEPS),
)  # fmt: skip
# Entered twice by one, which has made them one.
STAYS = Gathering(
    key="seeds",
    host="port-merrow-library",
    ahead=12,
    piece=Piece("Seed swap between the branches", "Both branches bring their drawers. Label your envelopes, in any language.", "branch", "Sat", "11:00", 3, group="seed-library", share=("merrow-commons",), access=STEP_FREE),
    neighbours=range(18, 21),
)  # fmt: skip
DUPLICATE = Gathering(
    key="seeds too",
    host="port-merrow-library",
    ahead=12,
    piece=Piece("Seed swap between branches / Troc de graines", "Les deux succursales apportent leurs tiroirs. Étiquetez vos enveloppes.", "branch", "Sat", "11:00", 3, language="fr", access=STEP_FREE),
    neighbours=range(20, 23),
)  # fmt: skip

TO_COME = (SHARED, FULL, TWICE_THERE, TWICE, STAYS, DUPLICATE)
GATHERINGS = (*LAST_MONTH, *TO_COME)
