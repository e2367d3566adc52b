"""The public library: convener of the Merrow Commons."""

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.groups import GroupKind
from domain.sharing import Visibility
from web.demo.pieces import SIGNED, STEP_FREE, Circle, Piece, Someone, Voice

PORT_MERROW_LIBRARY = Voice(
    slug="port-merrow-library",
    name="Port Merrow Public Library",
    summary="Two branches, a bookmobile, and the warmest free chairs in town.",
    description="Books in nineteen languages, a seed library, a tool library, a recording booth, and librarians who know the form you are looking for. Nobody needs a card to come in.",
    causes=("education", "culture", "digital-inclusion"),
    languages=("en", "fr", "es"),
    where="library",
    telephone="+1 902 555 0103",
    people=(
        Someone("Leocadia Marsh", TeamRole.OWNER),
        Someone("Olivier Thériault", TeamRole.EDITOR, "fr"),
        Someone("Farah Daoud", TeamRole.EVENT_MANAGER, "ar"),
        Someone("Walter Nakamura"),
        Someone("Inés Bravo", language="es"),
    ),
    circles=(
        Circle("friends", "Friends of the Library", "Sells cake and second-hand books so that there are first-hand ones.", GroupKind.CHAPTER, where="library"),
        Circle("friends-northgate", "Friends at Northgate", "The same, nearer to the bus.", GroupKind.CHAPTER, parent="friends", where="branch"),
        Circle("seed-library", "Seed Library", "Borrow beans in spring, bring some back in autumn.", GroupKind.WORKING_GROUP, where="library", causes=("climate", "food"), share=("merrow-commons",)),
        Circle("teen-council", "Teen Council", "Runs the third floor, and is strict about it.", GroupKind.TEAM, where="library", languages=("en", "fr")),
    ),
    weekly=3,
    series=(
        Piece("Story time", "Songs, a story, and a second story if the first was good. For children to six with whoever brings them.", "library", "Tue Sat", "10:30", 0.75, every="week", access=STEP_FREE, causes=("children", "education"), other={"fr": ("L'heure du conte", "Chansons et histoires pour les tout-petits et ceux qui les accompagnent."), "es": ("La hora del cuento", "Canciones y un cuento para niños de hasta seis años y quien los acompañe.")}),
        Piece("Phone and laptop help", "Sit down with somebody patient. Passwords, photos, pensions, scams.", "branch", "Wed", "13:00", 3, every="week", access=STEP_FREE, causes=("digital-inclusion",), share=("merrow-commons",), beside=("silver-tide",)),
        Piece("Conversation circle: English", "Ninety minutes of talking about nothing in particular. Tea included.", "library", "Thu", "18:00", 1.5, every="week", access=STEP_FREE, beside=("open-door-welcome",), share=("merrow-commons",), causes=("newcomers", "education"), other={"ar": ("حلقة محادثة بالإنجليزية", "ساعة ونصف من الحديث في كل شيء، مع الشاي."), "es": ("Círculo de conversación en inglés", "Hora y media para hablar de todo un poco, con té.")}),
        Piece("Book club of the harbour", "One book, many opinions. The list is at the desk.", "library", "Mon", "19:00", 1.5, every="month 1", online="https://meet.port-merrow-library.example/club", capacity=25),
    ),
    pieces=(
        Piece("Author evening: {topic}", "{topic} reads, answers, and signs. The bar is run by the Friends.", "library cinema", "Thu", "19:30", 1.5, topics=("Adaeze Nwosu", "Hervé LeBlanc", "Magnus Oftedal", "Rosa Iturbe", "Kei Tanaka-Fry"), capacity=90, access=SIGNED, share=("merrow-commons",), other={"fr": ("Soirée d'auteur : {topic}", "{topic} lit, répond et dédicace.")}),
        Piece("Club de lecture francophone", "Un roman par mois, une tisane, et des avis tranchés. Ce mois-ci : {topic}.", "branch", "Tue Wed", "18:30", 1.5, topics=("« La Mer à l'envers »", "« Pélagie-la-Charrette »", "« Petit pays »"), language="fr", beside=("radio-maree",), other={"en": ("French-language book club", "One novel a month, herbal tea, firm opinions.")}),
        Piece("Repair the record: local history in the basement", "We digitize {topic}. Bring yours to be scanned, and tell us who is in it.", "library", "Fri", "14:00", 2.5, topics=("cannery photographs", "letters from the strike of 1934", "church picnics", "home films"), access=STEP_FREE),
        Piece("Homework harbour", "Snacks, quiet, and two retired teachers. Grades five to nine.", "branch", "Mon", "15:30", 2, causes=("education", "children"), capacity=30, access=STEP_FREE, group="friends-northgate"),
        Piece("Seed swap", "Beans, tomatoes, dahlias, gossip. Label your envelopes.", "library", "Sat", "11:00", 3, group="seed-library", beside=("merrow-river-society",), share=("merrow-commons",), causes=("climate", "food"), other={"de": ("Saatguttausch", "Bohnen, Tomaten, Dahlien und Neuigkeiten. Bitte die Tütchen beschriften.")}),
        Piece("Coding for grandparents", "A six-week course: by the end you have made a small game and know what a browser is.", "library", "Wed", "10:00", 2, sessions=6, capacity=10, joining=JoinMode.APPROVAL, causes=("digital-inclusion", "seniors")),
        Piece("Teen takeover of the third floor", "The council decides. Adults by invitation only.", "library", "Fri", "17:00", 4, group="teen-council", visibility=Visibility.UNLISTED),
        Piece("Night at the museum of returned things", "What people leave in books: bacon, love letters, a cheque. An exhibition, all week.", "library", "Mon", "00:00", 0, whole_days=6, access=STEP_FREE),
        Piece("Programming meeting of the Commons", "Rooms, dates and clashes for the coming month.", "", "Tue", "09:30", 1, online="https://meet.port-merrow-library.example/commons", visibility=Visibility.ALLIANCE, share=("merrow-commons",)),
    ),
)  # fmt: skip
