"""The Merrow River Society, which means to see salmon again."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import Visibility
from web.demo.pieces import ROUGH_GROUND, STEP_FREE, UNKNOWN, Circle, Piece, Someone, Voice

MERROW_RIVER_SOCIETY = Voice(
    slug="merrow-river-society",
    name="Merrow River Society",
    summary="One river, from the bog to the harbour, put back in order by hand.",
    description="We plant, dig, count and go to court. Eleven weirs are gone, four to go. Our water data is public, and so are our mistakes.",
    causes=("climate", "rivers", "wildlife"),
    languages=("en", "de", "fr"),
    where="boathouse",
    telephone="+1 902 555 0108",
    people=(
        Someone("Ingrid Solheim", TeamRole.OWNER),
        Someone("Malcolm Paul", TeamRole.EDITOR),
        Someone("Katharina Lohse", TeamRole.EVENT_MANAGER, "de"),
        Someone("Emeka Obi"),
        Someone("Solange Doucet", language="fr"),
    ),
    circles=(
        Circle("water-watch", "Water Watch", "Forty sampling points, each with somebody who minds.", GroupKind.WORKING_GROUP, where="boathouse", share=("merrow-commons",), causes=("rivers",), links=("https://merrow-river.example/data",)),
        Circle("upper-merrow-watch", "Water Watch, Upper Merrow", "The cold end.", GroupKind.LOCAL, parent="water-watch", where="upper-merrow"),
        Circle("weir-campaign", "Four Weirs to Go", "Paper, patience, dynamite in the end.", GroupKind.CAMPAIGN, where="weir"),
    ),
    weekly=2,
    series=(
        Piece("Work morning on the bank", "Willow stakes, rubbish, tea from a kettle. Tools and gloves are there.", "weir", "Sat", "09:00", 3, every="week", access=ROUGH_GROUND, other={"de": ("Arbeitseinsatz am Ufer", "Weidenstecklinge, Müll, Tee aus dem Kessel. Werkzeug und Handschuhe sind da."), "fr": ("Matinée de travail sur la rive", "Boutures de saule, ramassage, thé. Outils et gants fournis.")}),
        Piece("Water Watch round", "Temperature, oxygen, nitrate, and the otter's latest.", "boathouse", "Sun", "08:00", 2, every="2 weeks", group="water-watch", share=("merrow-commons",)),
        Piece("Members' evening at the boathouse", "A short talk, a long discussion.", "boathouse", "Wed", "19:30", 2, every="month 1", access=STEP_FREE, online="https://meet.merrow-river.example/boathouse"),
    ),
    pieces=(
        Piece("Walk: {topic}", "Four kilometres along the water with somebody who knows. Today: {topic}.", "weir marsh upper-merrow", "Sun", "10:00", 2.5, topics=("spring birds", "beavers and their lawyers", "mosses", "where the salmon were", "bats, at dusk"), access=UNKNOWN, capacity=25, share=("merrow-commons",), beside=("silver-tide",), other={"de": ("Spaziergang am Fluss", "Vier Kilometer am Wasser mit jemandem, der sich auskennt."), "fr": ("Promenade au bord de l'eau", "Quatre kilomètres avec quelqu'un qui connaît la rivière.")}),
        Piece("Marsh week", "Counting, ringing, planting: come for an hour or for all of it. Camp beds in the Marsh Centre.", "marsh", "Mon", "00:00", 0, whole_days=5, access=UNKNOWN, causes=("wildlife", "climate")),
        Piece("Weir inquiry at Town Hall", "The fourth hearing. Wear blue.", "town-hall", "Tue", "13:30", 3, group="weir-campaign", access=STEP_FREE),
        Piece("Canoe clean-up: {topic}", "Twelve canoes, forty bags. You can swim; that is the only condition.", "boathouse", "Sat", "13:00", 3.5, topics=("Riverbend to the harbour", "under the bridges", "the back channel"), capacity=24, joining=JoinMode.APPROVAL, access=ROUGH_GROUND, beside=("spoke-and-wrench",), share=("merrow-commons",)),
        Piece("Partnergespräch mit dem Trave-Verein", "Lübeck hat sein Wehr schon abgebaut. Wir fragen, was sie heute anders machen würden.", "", "Thu", "18:00", 1.5, online="https://meet.merrow-river.example/trave", language="de", time_zone="Europe/Berlin", other={"en": ("Call with our partners on the Trave", "Lübeck has taken its weir down already. We ask what they would do differently.")}),
        Piece("River school", "A class, a net, a tray. For teachers who would like to bring theirs.", "boathouse", "Thu", "09:30", 2.5, causes=("education", "rivers"), joining=JoinMode.APPROVAL, other={"fr": ("L'école de la rivière", "Une classe, une épuisette, un bac.")}),
        Piece("Finance committee", "The grant that was late, and the one that will be.", "boathouse", "Mon", "18:00", 1.5, visibility=Visibility.ORGANIZATION),
    ),
)  # fmt: skip
