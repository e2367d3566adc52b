"""The farms and villages up the river, who run a hub of their own."""

from domain.actors import TeamRole
from domain.groups import GroupKind
from web.demo.pieces import ROUGH_GROUND, STEP_FREE, Circle, Piece, Someone, Voice

VALLEY_FOOD_BANK = Voice(
    slug="valley-food-bank",
    name="Valley Food Bank",
    summary="What the valley grows feeds the valley first, and the city after.",
    description="Nineteen farms, two churches and a school kitchen. We began in a barn at Fallow in 2009, and we still have the barn.",
    causes=("food", "poverty"),
    languages=("en", "fr"),
    where="fallow-farm",
    telephone="+1 902 555 0180",
    people=(
        Someone("Ruth Amsel", TeamRole.OWNER),
        Someone("Denis Comeau", TeamRole.EVENT_MANAGER, "fr"),
        Someone("Priya Nand"),
        Someone("Walt Ogilvie"),
    ),
    circles=(
        Circle("root-cellar", "Root Cellar Crew", "Sorts, stacks and counts what keeps until April.", GroupKind.TEAM, where="fallow-farm"),
        Circle("soup-stove", "Soup Stove", "Cooks on Tuesdays for whoever comes in from the road.", where="upper-merrow"),
    ),
    weekly=1,
    series=(
        Piece("Soup and stories", "A pot of soup in the middle, a book read aloud at one end of the table and cards at the other. Children under the table are expected.", "upper-merrow", "Tue", "18:00", 2, every="week", access=STEP_FREE, group="soup-stove", share=("winter-table",), summary="A pot of soup, and somebody reads aloud.",
              other={"fr": ("Soupe et histoires", "Une marmite au milieu, une lecture à voix haute à un bout de la table, les cartes à l'autre.")}),
        Piece("Valley pantry", "Potatoes, squash, eggs and whatever the week brought. Take what you will cook.", "upper-merrow", "Fri", "15:00", 3, every="week", access=STEP_FREE),
    ),
    pieces=(
        Piece("Field day: {topic}", "We bring in {topic} before the frost does. Gloves and soup are provided.", "fallow-farm", "Sun", "10:00", 4, topics=("cabbages", "parsnips", "the seed potatoes"), access=ROUGH_GROUND, group="root-cellar"),
    ),
)  # fmt: skip

ENTRAIDE_SAINT_ALBAN = Voice(
    slug="entraide-saint-alban",
    name="Entraide Saint-Alban",
    summary="Entre voisins, on se prête la main.",
    description="Un réseau d'entraide de Saint-Alban : du bois pour l'hiver, un café chaud, une voiture quand il n'y a pas d'autobus.",
    causes=("loneliness", "mobility"),
    languages=("fr", "en"),
    where="saint-alban",
    telephone="+1 902 555 0181",
    people=(
        Someone("Lucille Thibodeau", TeamRole.OWNER, "fr"),
        Someone("Rémi Doucet", language="fr"),
    ),
    circles=(
        Circle("corde-de-bois", "La corde de bois", "Fend et livre le bois de ceux qui ne peuvent plus le faire.", GroupKind.TEAM, where="saint-alban"),
    ),
    weekly=1,
    series=(
        Piece("Café du samedi", "Du café, des tartes, et les nouvelles du village.", "saint-alban", "Sat", "09:30", 2, every="week", language="fr", access=STEP_FREE, other={"en": ("Saturday coffee", "Coffee, pies, and the news of the village.")}),
    ),
    pieces=(
        Piece("Corvée : {topic}", "On se met à dix, et c'est fait avant midi : {topic}.", "saint-alban", "Sat", "13:00", 3, topics=("le bois de Mme Surette", "le toit de la salle", "la rampe du presbytère"), language="fr", access=ROUGH_GROUND, group="corde-de-bois"),
    ),
)  # fmt: skip

VALLEY = (VALLEY_FOOD_BANK, ENTRAIDE_SAINT_ALBAN)
