"""Second Helping, the food bank: convener of the Common Table."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import SOME_STEPS, STEP_FREE, Circle, Piece, Someone, Voice

SECOND_HELPING = Voice(
    slug="second-helping",
    name="Second Helping Food Bank",
    summary="Good food for whoever needs it this week, and a seat at the table for everybody.",
    description="We collect what shops, farms and bakeries would throw away, and 900 households cook it. No forms, no proof, no questions beyond how many you are. Run by volunteers from a wharf in Millside since 1994.",
    causes=("food", "poverty", "climate"),
    languages=("en", "es", "ar"),
    where="warehouse",
    telephone="+1 902 555 0101",
    people=(
        Someone("Anneke Rowe", TeamRole.OWNER),
        Someone("Tomás Quiroga", TeamRole.EDITOR, "es"),
        Someone("Halima Osei", TeamRole.EVENT_MANAGER),
        Someone("Gus Petrakis"),
        Someone("Mei-Lin Zhou"),
        Someone("Bernadette Surette", language="fr"),
    ),
    circles=(
        Circle("drivers", "Van Crew", "Fetches surplus from forty shops before they open.", GroupKind.TEAM, where="warehouse"),
        Circle("night-drivers", "Night Vans", "The bakery round, after ten at night.", GroupKind.TEAM, parent="drivers", joining=JoinPolicy.BY_REQUEST, visibility=Visibility.ORGANIZATION),
        Circle("gleaners", "Gleaners of Merrow", "Picks what farmers cannot sell, all summer and into the frost.", GroupKind.LOCAL, where="fallow-farm", causes=("food", "climate"), share=("common-table",), links=("https://second-helping.example/gleaners",)),
        Circle("allergy-circle", "Careful Kitchen", "Parcels for allergies, diabetes and kidney diets.", GroupKind.WORKING_GROUP, visibility=Visibility.ALLIANCE, share=("common-table",), is_new=True),
    ),
    weekly=3,
    series=(
        Piece("Saturday food pantry", "Fresh vegetables, bread, milk and dry goods, chosen by you from the shelves. Bring bags. Coffee while you wait, and a corner for children.", "warehouse", "Sat", "10:00", 3, every="week", access=STEP_FREE, share=("common-table",), visibility=Visibility.PUBLIC, beside=("southside-mutual-aid",),
              other={"es": ("Despensa de los sábados", "Verduras frescas, pan, leche y alimentos secos: usted elige. Traiga bolsas. Hay café y un rincón para los niños."), "ar": ("مخزن الطعام يوم السبت", "خضار طازجة وخبز وحليب ومواد جافة تختارونها بأنفسكم. أحضروا أكياسًا معكم، والقهوة علينا."), "fr": ("Banque alimentaire du samedi", "Légumes frais, pain, lait et produits secs, au choix. Apportez des sacs. Café et coin des enfants.")}),
        Piece("Wednesday evening pantry", "The same shelves as on Saturday, for people who work on Saturdays.", "warehouse", "Wed", "17:00", 2.5, every="week", access=STEP_FREE, other={"es": ("Despensa del miércoles por la tarde", "Los mismos estantes que el sábado, para quienes trabajan los sábados.")}),
        Piece("Van crew breakfast", "Routes for the month, tyre pressures, and who swaps with whom.", "warehouse", "Mon", "07:30", 1, every="month 1", group="drivers", visibility=Visibility.GROUP),
        Piece("Board and members' meeting", "Accounts, stock, complaints, plans. Every volunteer has a vote.", "mill-hall", "Thu", "19:00", 2, every="month -1", visibility=Visibility.ORGANIZATION, online="https://meet.second-helping.example/members"),
        Piece("Winter Table supper", "One long table for whoever is cold, hungry or only passing: the evening that the city puts on the county's list.", "mill-hall", "Thu", "18:30", 2.5, every="week", access=STEP_FREE, share=("winter-table",)),
    ),
    pieces=(
        Piece("Pop-up pantry: {topic}", "Our van comes to {topic} with forty crates. First come, first served, and nobody goes home with nothing.", "branch southside upper-merrow saint-alban", "Tue Thu", "15:00", 2, topics=("Northgate", "Southside", "Upper Merrow", "Saint-Alban"), share=("common-table",), other={"es": ("Despensa móvil: {topic}", "Nuestra furgoneta llega a {topic} con cuarenta cajas. Por orden de llegada; nadie se va sin nada.")}),
        Piece("Cook once, eat four times: {topic}", "A cooking class for small budgets and one pot. We make {topic}, eat together, and everybody takes three portions home.", "kitchen", "Tue", "17:30", 2.5, topics=("lentil stew", "fish-head chowder", "jollof rice", "black beans and plantain", "cabbage rolls"), capacity=14, joining=JoinMode.APPROVAL, access=STEP_FREE, causes=("food", "health"), beside=("open-door-welcome",), share=("common-table",)),
        Piece("Gleaning day at Fallow Farm", "We pick {topic} that the farmer cannot sell. Gloves and soup provided; the bus leaves Market Square at half past eight.", "fallow-farm", "Sun", "09:00", 5, topics=("leeks", "kale", "the last beets", "windfall apples"), group="gleaners", capacity=40, share=("common-table",)),
        Piece("Sorting night", "Ten tonnes came in and need hands. Music on, pizza at eight. No experience needed; closed shoes are.", "warehouse", "Fri", "18:00", 3, capacity=30, access=SOME_STEPS, other={"ar": ("أمسية فرز المواد الغذائية", "وصلتنا عشرة أطنان ونحتاج إلى متطوعين. لا حاجة إلى خبرة، فقط أحذية مغلقة.")}),
        Piece("Stock call of the Common Table", "Who has too much of what, and who has a van on Thursday. Thirty minutes, no speeches.", "", "Mon", "09:00", 0.5, online="https://meet.second-helping.example/stock", visibility=Visibility.ALLIANCE, share=("common-table",), summary="Weekly surplus exchange of the member organizations."),
        Piece("Community dinner: {topic}", "Three courses from rescued food, cooked by neighbours; tonight {topic}. Pay what you like, or nothing.", "mill-hall", "Sat", "18:00", 3, topics=("from Lebanon", "from Acadia", "from Oaxaca", "from Ghana", "from Bavaria"), capacity=120, access=STEP_FREE, other={"fr": ("Souper communautaire", "Trois services préparés par les voisins avec des aliments sauvés. Prix libre, ou gratuit."), "es": ("Cena comunitaria", "Tres platos con alimentos rescatados, cocinados por vecinos. Pague lo que quiera, o nada.")}),
        Piece("Careful Kitchen: parcels for special diets", "Packing evening for allergy and diabetes parcels. Names of recipients stay in this room.", "kitchen", "Thu", "18:00", 2, group="allergy-circle", visibility=Visibility.GROUP),
        Piece("Open day at the wharf", "See the cold store, drive a pallet truck, meet the cat. Speeches are forbidden.", "warehouse", "Sun", "11:00", 5, draft=True),
    ),
)  # fmt: skip
