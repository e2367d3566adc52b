"""Open Door, which receives people who had to leave where they were."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import JoinPolicy, Visibility
from web.demo.pieces import STEP_FREE, Circle, Piece, Someone, Voice

OPEN_DOOR_WELCOME = Voice(
    slug="open-door-welcome",
    name="Open Door Refugee Welcome",
    summary="The first week, the first winter, and the first dinner you cook for us.",
    description="We meet people at the airport, find the flat, the school and the halal butcher, and sit beside them at the hearing. Half of our staff came here the same way.",
    causes=("newcomers", "refugees", "civil-rights"),
    languages=("en", "ar", "es", "fr"),
    where="welcome",
    telephone="+1 902 555 0107",
    people=(
        Someone("Nour al-Khatib", TeamRole.OWNER, "ar"),
        Someone("Grace Muhindo", TeamRole.ADMIN, "fr"),
        Someone("Iryna Kovalenko", TeamRole.EVENT_MANAGER),
        Someone("Samuel Tesfaye"),
        Someone("Luz Marina Ochoa", language="es"),
        Someone("Khalid Barakat", language="ar"),
    ),
    circles=(
        Circle("befrienders", "Befrienders", "One family, one neighbour, one year.", GroupKind.TEAM, joining=JoinPolicy.BY_REQUEST),
        Circle("majlis", "مجلس الجمعة", "لقاء أسبوعي للعائلات الناطقة بالعربية.", GroupKind.LOCAL, where="mosque", languages=("ar",), share=("merrow-commons",)),
        Circle("sewing-room", "The Sewing Room", "Nine machines, forty languages of swearing.", GroupKind.LOCAL, where="welcome", is_new=True),
        Circle("legal-circle", "Hearing Companions", "Sits beside people at the tribunal.", GroupKind.WORKING_GROUP, visibility=Visibility.GROUP, joining=JoinPolicy.INVITE_ONLY),
    ),
    weekly=3,
    series=(
        Piece("Welcome hour", "Just arrived? Come first thing. Tea, a map, a phone card, and somebody who speaks your language.", "welcome", "Mon Thu", "09:30", 2.5, every="week", access=STEP_FREE, share=("merrow-commons", "common-table"),
              other={"ar": ("ساعة الترحيب", "وصلتم حديثًا؟ تعالوا إلينا أولًا: شاي وخريطة وبطاقة هاتف ومن يتكلم لغتكم."), "es": ("Hora de bienvenida", "¿Acaba de llegar? Venga primero aquí: té, un mapa, una tarjeta de teléfono y alguien que habla su idioma."), "fr": ("L'heure d'accueil", "Vous venez d'arriver ? Thé, plan, carte téléphonique, et quelqu'un qui parle votre langue.")}),
        Piece("مجلس الجمعة للعائلات", "شاي وأخبار وحلقة حكايات للأطفال. الجميع مرحب بهم.", "mosque", "Fri", "18:00", 2.5, every="week", language="ar", group="majlis", share=("merrow-commons",), other={"en": ("Friday majlis for families", "Tea, news, and a story circle for children. Everybody is welcome."), "fr": ("Majlis du vendredi pour les familles", "Thé, nouvelles et contes pour les enfants.")}),
        Piece("Sewing Room", "Hems, curtains, costumes. Bring cloth or take some.", "welcome", "Tue", "13:00", 3, every="week", group="sewing-room", access=STEP_FREE),
        Piece("Hearing Companions: preparation", "The week's hearings, and who goes with whom.", "welcome", "Mon", "17:30", 1, every="week", group="legal-circle", visibility=Visibility.GROUP),
    ),
    pieces=(
        Piece("دورة: كيف تعمل المدرسة هنا", "من يسجّل الأطفال وماذا في حقيبتهم ومتى يُتصل بالبيت. مع معلّمتين من نورثغيت.", "school", "Sat", "11:00", 2, language="ar", other={"en": ("How school works here", "Who registers the children, what goes in the bag, when the school calls home. With two teachers from Northgate.")}, access=STEP_FREE),
        Piece("Kitchen of the world: {topic}", "Somebody cooks what they miss, and everybody eats it: tonight {topic}.", "kitchen", "Wed", "17:30", 3, topics=("mansaf", "borscht", "injera", "pupusas", "mohinga", "pondu"), capacity=40, access=STEP_FREE, share=("common-table",), beside=("second-helping",), causes=("newcomers", "food"), other={"ar": ("مطبخ العالم: {topic}", "يطبخ أحدنا ما اشتاق إليه، ونأكل جميعًا."), "es": ("Cocina del mundo: {topic}", "Alguien cocina lo que extraña, y todos lo comemos.")}),
        Piece("Work papers: {topic}", "We go through {topic} line by line. Interpreters for Arabic, Spanish, Ukrainian and Tigrinya.", "welcome library", "Tue", "14:00", 2, topics=("the work permit", "tax numbers", "recognizing diplomas", "driving licences"), joining=JoinMode.APPROVAL, capacity=16, access=STEP_FREE, other={"ar": ("أوراق العمل", "نقرأها معًا سطرًا سطرًا مع مترجمين."), "es": ("Papeles para trabajar", "Los leemos juntos, línea por línea, con intérpretes.")}),
        Piece("Football without a common language", "Two goals, six bibs, no offside.", "velodrome", "Sun", "15:00", 2, causes=("youth", "newcomers"), other={"fr": ("Football sans langue commune", "Deux buts, six chasubles, pas de hors-jeu."), "ar": ("كرة قدم بلا لغة مشتركة", "مرميان وستة قمصان ولا تسلل.")}),
        Piece("Arrival: {topic}", "At the airport with a sign, warm coats and a car seat.", "somewhere", "Thu", "21:00", 3, topics=("a family of six from Aleppo", "two brothers from Khartoum", "a grandmother from Kharkiv"), group="befrienders", visibility=Visibility.PRIVATE),
        Piece("Befrienders: first evening", "What it is, what it is not, and how to say no kindly.", "welcome", "Wed", "19:00", 1.5, group="befrienders", other={"fr": ("Parrainage : première soirée", "Ce que c'est, ce que ce n'est pas, et comment dire non gentiment.")}, access=STEP_FREE, share=("merrow-commons",)),
        Piece("Atelier : ouvrir un compte en banque", "Quelles pièces apporter, quels frais refuser. En français et en lingala.", "welcome", "Fri", "10:00", 1.5, language="fr", other={"en": ("Workshop: opening a bank account", "Which papers to bring, which fees to refuse. In French and Lingala.")}),
        Piece("Interpreters' exchange", "For all member organizations: who needs which language next week.", "", "Fri", "09:00", 0.5, online="https://meet.open-door.example/interpreters", visibility=Visibility.ALLIANCE, share=("merrow-commons", "common-table")),
    ),
)  # fmt: skip
