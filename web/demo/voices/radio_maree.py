"""Radio Marée, la radio communautaire: French first."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import SOME_STEPS, STEP_FREE, UNKNOWN, Circle, Piece, Someone, Voice

RADIO_MAREE = Voice(
    slug="radio-maree",
    name="Radio Marée 94,7",
    summary="La voix de la pointe du Phare : acadienne, bilingue, bénévole, parfois en retard.",
    description="Radio communautaire depuis 1989. Quatre-vingts bénévoles, une tour, un chat. On apprend le micro à qui veut parler, et on prête l'antenne à ceux qu'on n'entend pas.",
    causes=("culture", "media", "francophonie"),
    languages=("fr", "en"),
    where="station",
    telephone="+1 902 555 0110",
    people=(
        Someone("Évangéline Saulnier", TeamRole.OWNER, "fr"),
        Someone("Mamadou Cissé", TeamRole.EDITOR, "fr"),
        Someone("Zoé d'Entremont", TeamRole.EVENT_MANAGER, "fr"),
        Someone("Patrick Amirault", language="fr"),
        Someone("Lila Benkacem", language="fr"),
    ),
    circles=(
        Circle("matinale", "L'équipe de la matinale", "Debout à quatre heures, à l'antenne à six.", GroupKind.TEAM, joining=JoinPolicy.BY_REQUEST, languages=("fr",)),
        Circle("ondes-jeunes", "Ondes jeunes", "Les 13 à 19 ans tiennent le mardi soir.", GroupKind.TEAM, where="station", languages=("fr", "en"), share=("merrow-commons",)),
        Circle("saint-alban", "Marée à Saint-Alban", "Le comité du village, et son émetteur.", GroupKind.CHAPTER, where="saint-alban", languages=("fr",)),
    ),
    weekly=2,
    series=(
        Piece("Portes ouvertes du studio", "Venez voir la console, lire la météo, caresser le chat.", "station", "Sat", "13:00", 2, every="week", language="fr", access=SOME_STEPS, other={"en": ("Open studio", "See the desk, read the weather, stroke the cat.")}),
        Piece("Ondes jeunes en direct", "Deux heures d'antenne, sans adultes au micro.", "station", "Tue", "18:00", 2, every="week", language="fr", group="ondes-jeunes", online="https://radio-maree.example/direct", causes=("youth", "media"), share=("merrow-commons",)),
        Piece("Réunion de la grille", "Qui passe quand, et pourquoi pas plus tôt.", "station", "Mon", "17:30", 1.5, every="month 1", language="fr", visibility=Visibility.ORGANIZATION),
    ),
    pieces=(
        Piece("Soirée micro ouvert", "Chansons, contes, coups de gueule : cinq minutes chacun, en direct.", "cinema", "Fri", "20:00", 2.5, language="fr", capacity=110, access=STEP_FREE, share=("merrow-commons",), beside=("port-merrow-library",), other={"en": ("Open mic night", "Songs, stories, complaints: five minutes each, live on air.")}),
        Piece("Atelier balado : {topic}", "On apprend {topic}, on enregistre, on diffuse. Matériel fourni.", "station", "Sat", "10:00", 3, language="fr", topics=("l'entrevue", "le montage", "le son de la mer", "le documentaire"), capacity=8, joining=JoinMode.APPROVAL, access=SOME_STEPS, other={"en": ("Podcast workshop", "Learn, record, broadcast. Equipment is provided.")}),
        Piece("Fais dodo à Saint-Alban", "Bal acadien en famille : violon, accordéon, fricot. Navette depuis la place du Marché.", "saint-alban", "Sat", "18:00", 5, language="fr", free=False, access=UNKNOWN, group="saint-alban", beside=("silver-tide",), other={"en": ("Fais dodo in Saint-Alban", "An Acadian family dance: fiddle, accordion, fricot. Shuttle from Market Square."), "de": ("Fais dodo in Saint-Alban", "Akadischer Tanzabend für die ganze Familie.")}),
        Piece("Radio for organizers", "How to be on the air without sounding like a press release. For members of the Commons.", "station", "Wed", "18:00", 2, language="en", visibility=Visibility.ALLIANCE, share=("merrow-commons",), beside=("open-door-welcome",)),
        Piece("Radiothon", "Vingt-quatre heures d'antenne pour payer l'émetteur. Apportez des muffins.", "station", "Sat", "00:00", 0, whole_days=2, language="fr", access=SOME_STEPS, other={"en": ("Radiothon", "Twenty-four hours on air to pay for the transmitter. Bring muffins.")}),
        Piece("Débat : {topic}", "Deux invités, un public, pas de cravate.", "library", "Thu", "19:00", 1.5, language="fr", topics=("le prix des loyers", "le traversier", "l'école en français", "la pêche demain"), access=STEP_FREE, share=("merrow-commons",), online="https://radio-maree.example/direct", other={"en": ("Debate", "Two guests, an audience, no ties. In French, with whispered English.")}),
        Piece("La nuit du phare", "Contes de naufrages au pied du phare, à la lampe. Couvertures conseillées.", "lighthouse", "Fri", "21:00", 2, language="fr", draft=True),
    ),
)  # fmt: skip
