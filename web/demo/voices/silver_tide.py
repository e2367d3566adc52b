"""Silver Tide, the seniors' club, where much is still said in German."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import Visibility
from web.demo.pieces import SIGNED, STEP_FREE, Circle, Piece, Someone, Voice

SILVER_TIDE = Voice(
    slug="silver-tide",
    name="Silver Tide Seniors' Club",
    summary="Four hundred members over sixty, none of them retired from having opinions.",
    description="Lunch every day, dancing every Tuesday, and a minibus with a lift. Founded by the families of the German shipwrights of Chapel Hill; today the cards are played in six languages.",
    causes=("seniors", "health", "loneliness"),
    languages=("en", "de"),
    where="seniors",
    telephone="+1 902 555 0111",
    people=(
        Someone("Wilhelmina Zwicker", TeamRole.OWNER, "de"),
        Someone("Percival Grant", TeamRole.ADMIN),
        Someone("Adelheid Knickle", TeamRole.EVENT_MANAGER, "de"),
        Someone("Florencio Batista"),
        Someone("Sister Agnes Doyle"),
    ),
    circles=(
        Circle("minibus", "Minibus Club", "Fetches whoever cannot come alone.", GroupKind.TEAM, where="seniors", share=("common-table",)),
        Circle("stammtisch", "Stammtisch", "Plattdeutsch, Skat, Streit.", GroupKind.LOCAL, where="seniors", languages=("de",)),
        Circle("telephone-tree", "Telephone Tree", "A call each morning; if nobody answers, somebody comes.", GroupKind.TEAM, visibility=Visibility.ORGANIZATION),
    ),
    weekly=2,
    series=(
        Piece("Lunch at Silver Tide", "Soup, a main, a pudding, and somebody to sit beside. Five dollars, or whatever you have.", "seniors", "Mon Tue Wed Thu Fri", "12:00", 1.5, every="week", free=False, access=STEP_FREE, share=("common-table",), beside=("second-helping",), causes=("food", "seniors"), other={"de": ("Mittagstisch", "Suppe, Hauptgericht, Nachtisch und Gesellschaft. Fünf Dollar, oder was da ist.")}),
        Piece("Tea dance", "Foxtrot, bachata, whatever the knees allow.", "seniors", "Tue", "14:30", 2, every="week", access=STEP_FREE, causes=("seniors", "culture")),
        Piece("Kaffeeklatsch", "Kaffee, Butterkuchen und die Neuigkeiten der Woche, auf Deutsch und auf Platt.", "seniors", "Thu", "15:00", 1.5, every="week", language="de", group="stammtisch", access=STEP_FREE, other={"en": ("Kaffeeklatsch", "Coffee, butter cake and the week's news, in German, high and low.")}),
        Piece("Telephone Tree handover", "Who is ill, who is away, who has a new number.", "seniors", "Fri", "10:30", 0.5, every="week", group="telephone-tree", visibility=Visibility.GROUP),
    ),
    pieces=(
        Piece("Talk: {topic}", "Forty minutes, slides large, questions welcome: {topic}.", "seniors", "Wed", "14:00", 1.5, topics=("telling a scam from a bank", "wills and houseplants", "hips", "the great storm of 1961", "your grandchild's telephone"), access=SIGNED, share=("common-table",), beside=("port-merrow-library",)),
        Piece("Outing: {topic}", "The minibus leaves at nine with a lift, blankets and sandwiches.", "marsh saint-alban fallow-farm lighthouse", "Thu", "09:00", 6, topics=("Gull Cove Marsh", "the church at Saint-Alban", "Fallow Farm", "Lighthouse Point"), capacity=14, joining=JoinMode.APPROVAL, free=False, group="minibus", access=STEP_FREE, other={"de": ("Ausflug: {topic}", "Der Kleinbus fährt um neun, mit Hebebühne, Decken und Broten.")}),
        Piece("Skatturnier", "Zwölf Tische, ein Pokal, keine Gnade.", "seniors", "Sat Sun", "14:00", 4, language="de", group="stammtisch", capacity=48, access=STEP_FREE, other={"en": ("Skat tournament", "Twelve tables, one cup, no mercy.")}),
        Piece("Cooking for one", "Small pots, good food, somebody to eat it with. With Second Helping's cook.", "kitchen", "Mon", "11:00", 2, sessions=4, capacity=10, beside=("second-helping",), share=("common-table",), causes=("food", "seniors"), access=STEP_FREE),
        Piece("Falls clinic", "Balance, shoes, rugs, eyes: an hour that saves a hip.", "seniors pool", "Tue", "10:00", 1.5, beside=("barrier-free-merrow",), share=("common-table",), access=STEP_FREE, causes=("health", "seniors")),
        Piece("Volkslieder zum Mitsingen", "Am Klavier: Adelheid Knickle. Liederbücher in großer Schrift.", "seniors", "Fri", "16:00", 1.5, language="de", access=STEP_FREE, other={"en": ("German folk songs to sing along", "At the piano: Adelheid Knickle. Song books in large print."), "fr": ("Chansons allemandes à chanter ensemble", "Au piano : Adelheid Knickle.")}),
        Piece("Committee", "Minutes, roof, raffle.", "seniors", "Mon", "10:00", 1.5, visibility=Visibility.ORGANIZATION),
    ),
)  # fmt: skip
