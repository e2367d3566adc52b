"""The tenants' union: convener of Roofs & Rights."""

from domain.actors import TeamRole
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import SOME_STEPS, STEP_FREE, Circle, Piece, Someone, Voice

MERROW_TENANTS_UNION = Voice(
    slug="merrow-tenants-union",
    name="Merrow Tenants' Union",
    summary="Renters who read the lease together, and answer it together.",
    description="Twelve hundred members in sixty buildings. We hold landlords to the law, write repair letters that work, and stop evictions at the door. Dues are an hour's rent a year.",
    causes=("housing", "civil-rights", "poverty"),
    languages=("en", "es", "ar"),
    where="tenants",
    telephone="+1 902 555 0104",
    people=(
        Someone("Rosalind Achterberg", TeamRole.OWNER),
        Someone("Yusuf Haddad", TeamRole.EDITOR, "ar"),
        Someone("Marisol Peña", TeamRole.EVENT_MANAGER, "es"),
        Someone("Kofi Mensah"),
        Someone("Brenda Slaunwhite"),
        Someone("Jiho Park"),
    ),
    circles=(
        Circle("tanner-row", "Tanner Row Tenants", "Numbers 90 to 140: mould, heating, and the new owner.", GroupKind.LOCAL, where="garden", languages=("en", "es")),
        Circle("northgate-towers", "Northgate Towers", "Three towers, one lift that works.", GroupKind.LOCAL, where="school", languages=("en", "ar")),
        Circle("tower-b", "Tower B", "The one without.", GroupKind.LOCAL, parent="northgate-towers", visibility=Visibility.GROUP, joining=JoinPolicy.BY_REQUEST),
        Circle("eviction-watch", "Eviction Watch", "Comes when called, at seven in the morning.", GroupKind.CAMPAIGN, visibility=Visibility.ALLIANCE, share=("roofs-and-rights",)),
    ),
    weekly=2,
    series=(
        Piece("Lease clinic", "Bring your lease, your letters and your questions. Twenty minutes with somebody who has read hundreds.", "tenants", "Tue", "17:00", 3, every="week", access=SOME_STEPS, share=("roofs-and-rights",), beside=("lantern-house",), other={"es": ("Consulta sobre contratos de alquiler", "Traiga su contrato, sus cartas y sus preguntas: veinte minutos con alguien que ha leído cientos."), "ar": ("استشارات عقود الإيجار", "أحضروا عقد الإيجار والرسائل والأسئلة: عشرون دقيقة مع من قرأ المئات منها.")}),
        Piece("General assembly", "Reports, motions, pie. Members vote; everybody may speak.", "southside", "Sun", "15:00", 2.5, every="month -1", access=STEP_FREE, online="https://meet.merrow-tenants.example/assembly", other={"es": ("Asamblea general", "Informes, mociones y pastel. Votan los miembros; hablan todos.")}),
        Piece("Eviction Watch phone tree", "Who is on call, and who has a key to what.", "", "Sun", "20:00", 0.5, every="week", online="https://meet.merrow-tenants.example/watch", group="eviction-watch", visibility=Visibility.ALLIANCE, share=("roofs-and-rights",)),
    ),
    pieces=(
        Piece("Know your rights: {topic}", "What the law says about {topic}, in plain words, with a letter you can take home and send.", "southside school library", "Wed", "18:30", 1.5, topics=("rent increases", "repairs", "deposits", "heating", "notice to quit"), access=STEP_FREE, share=("roofs-and-rights",), beside=("barrier-free-merrow",), other={"es": ("Conozca sus derechos como inquilino", "Lo que dice la ley, en palabras sencillas, con una carta lista para enviar."), "ar": ("اعرف حقوقك كمستأجر", "ما يقوله القانون بكلمات بسيطة، مع رسالة جاهزة للإرسال.")}),
        Piece("Door-knocking in {topic}", "In pairs, with a list and biscuits. We ask what is broken and write it down.", "garden school mill-hall velodrome", "Sat", "13:00", 3, topics=("Southside", "Northgate", "Millside", "Alder Flats"), group="tanner-row"),
        Piece("Tower meeting", "The lift, the bins, and the man from the company, who has promised to come.", "school", "Thu", "19:00", 1.5, group="northgate-towers", other={"ar": ("اجتماع سكان الأبراج", "المصعد والقمامة ومندوب الشركة الذي وعد بالحضور.")}),
        Piece("Taller: cómo documentar el moho", "Fotos con fecha, medidor de humedad y una carta modelo. Prestamos los medidores.", "southside", "Thu Fri", "18:00", 2, language="es", beside=("southside-mutual-aid",), other={"en": ("Workshop: how to document mould", "Dated photographs, a moisture meter, and a model letter. We lend the meters.")}),
        Piece("Negotiating team", "Preparing for Harbour Holdings. Members of the team only.", "tenants", "Mon", "18:00", 2, visibility=Visibility.ORGANIZATION),
        Piece("Block party on {topic}", "Grill, ladder ball, petition. If it rains, in the stairwell.", "garden mill-hall school", "Sun", "14:00", 5, topics=("Tanner Row", "Weir Street", "Gate Road"), access=STEP_FREE),
        Piece("Hearing at the tenancy board", "Sit behind our members so that they are not alone. Quiet clothes, loud presence.", "town-hall", "Tue", "09:00", 3, visibility=Visibility.ALLIANCE, share=("roofs-and-rights",)),
    ),
)  # fmt: skip
