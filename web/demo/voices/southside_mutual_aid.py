"""Ayuda Mutua del Sur, the mutual aid network of Southside: Spanish first."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import ROUGH_GROUND, STEP_FREE, UNKNOWN, Circle, Piece, Someone, Voice

SOUTHSIDE_MUTUAL_AID = Voice(
    slug="southside-mutual-aid",
    name="Ayuda Mutua del Sur / Southside Mutual Aid",
    summary="Entre vecinos: lo que a una casa le sobra, a otra le falta.",
    description="Empezamos con una olla en la escalera. Hoy somos trescientas casas que se prestan herramientas, cuidan niños, arreglan estufas y siembran tomates. Sin jefes, con turnos.",
    causes=("mutual-aid", "food", "poverty"),
    languages=("es", "en"),
    where="southside",
    telephone="+1 902 555 0112",
    people=(
        Someone("Ximena Arroyo", TeamRole.OWNER, "es"),
        Someone("Delroy Whynot", TeamRole.ADMIN),
        Someone("Beatriz Umaña", TeamRole.EVENT_MANAGER, "es"),
        Someone("Teresa Nguyen"),
        Someone("Óscar Villalobos", language="es"),
        Someone("Marnie Zinck"),
    ),
    circles=(
        Circle("huerto", "Huerto de Tanner Row", "Cuarenta bancales y un gallo clandestino.", GroupKind.LOCAL, where="garden", languages=("es", "en"), share=("common-table",)),
        Circle("semillero", "Semillero", "Los que siembran antes que nadie.", GroupKind.TEAM, parent="huerto", languages=("es",)),
        Circle("caja", "Caja de la vecindad", "Un fondo para emergencias: lo que cada quien puede.", GroupKind.WORKING_GROUP, joining=JoinPolicy.INVITE_ONLY, visibility=Visibility.GROUP, languages=("es",)),
        Circle("tool-shed", "Tool Shed", "Ladders, drills, a carpet cleaner.", GroupKind.TEAM, where="southside", share=("roofs-and-rights",)),
    ),
    weekly=2,
    series=(
        Piece("Olla común", "Se cocina lo que hay, comen todos los que vienen.", "southside", "Sun", "13:00", 3, every="week", language="es", access=STEP_FREE, share=("common-table",), beside=("second-helping",), other={"en": ("Common pot", "We cook what there is, and whoever comes eats."), "ar": ("القدر المشترك", "نطبخ ما هو متوفر، ويأكل كل من يأتي.")}),
        Piece("Tarde en el huerto", "Regar, quitar malas hierbas, conversar.", "garden", "Wed Sat", "16:00", 2.5, every="week", language="es", group="huerto", access=ROUGH_GROUND, other={"en": ("Afternoon in the garden", "Water, weed, talk.")}),
        Piece("Tool Shed", "Borrow and bring back. Mostly bring back.", "southside", "Sat", "09:00", 3, every="week", group="tool-shed", access=STEP_FREE),
        Piece("Asamblea de la caja", "Solicitudes, cuentas y turnos.", "southside", "Mon", "19:00", 1.5, every="2 weeks", language="es", group="caja", visibility=Visibility.GROUP),
    ),
    pieces=(
        Piece("Taller entre vecinos: {topic}", "Quien sabe enseña, quien aprende enseña después. Hoy: {topic}.", "southside", "Thu", "18:00", 2, language="es", topics=("coser a máquina", "arreglar una llave que gotea", "hacer pan sin horno", "cortar el pelo", "declarar impuestos"), access=STEP_FREE, share=("common-table",), other={"en": ("Neighbours' workshop", "Whoever knows teaches, whoever learns teaches next.")}),
        Piece("Mercadillo gratis", "Ropa, juguetes, libros, muebles que caben por la puerta. Todo gratis.", "southside", "Sat", "11:00", 4, language="es", access=STEP_FREE, other={"en": ("Free market", "Clothes, toys, books, furniture that fits through the door. All free."), "fr": ("Marché gratuit", "Vêtements, jouets, livres : tout est gratuit."), "de": ("Umsonstmarkt", "Kleider, Spielzeug, Bücher: alles umsonst.")}),
        Piece("Fiesta de siembra", "Mil plantas de tomate buscan casa. Música de los hermanos Villalobos.", "garden", "Sun", "12:00", 5, language="es", group="huerto", beside=("merrow-river-society",), access=ROUGH_GROUND, share=("common-table",), other={"en": ("Planting party", "A thousand tomato plants look for a home. Music by the Villalobos brothers.")}),
        Piece("Childcare swap: {topic}", "Six parents, twenty children, one afternoon off for the others.", "southside", "Sat", "13:30", 4, topics=("painting", "kites", "pirates", "bread"), capacity=20, joining=JoinMode.APPROVAL, access=UNKNOWN, causes=("children", "mutual-aid")),
        Piece("Repair brigade", "We go where the landlord does not: stoves, locks, windows. Tell us by Thursday.", "tenants", "Sat", "09:30", 5, group="tool-shed", beside=("merrow-tenants-union",), share=("roofs-and-rights",), visibility=Visibility.ALLIANCE),
        Piece("Visita a la señora {topic}", "Compras, farmacia, media hora de plática.", "somewhere", "Fri", "10:00", 1.5, language="es", topics=("Carmen", "Dolores", "Whynot"), visibility=Visibility.PRIVATE),
        Piece("Noche de películas en la pared", "Sábana, proyector, palomitas. La vota el barrio.", "garden", "Fri", "20:30", 2.5, language="es", other={"en": ("Film night on the wall", "A sheet, a projector, popcorn. The street votes.")}),
    ),
)  # fmt: skip
