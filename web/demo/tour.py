"""What three hubs are for, done before the reader's eyes: one list of all three, an event changed where
it is not at home, and a hub that stops and comes back. Each is a question and its answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from storage.peer_tables import peerings
from web.demo.hubs import Hub, NotSeen, Somebody, until
from web.demo.legible import legible
from web.demo.processes import Process
from web.demo.together import Together, first_of
from web.poking import Pokes

STAFF = "Halima Osei"  # of the convener, who looks after its events
WORDS = (
    "Soup from the city, stories from the county.",
    "A pot of soup; the city brings the bread.",
)
WIDTH = 74  # of what is shown, behind its mark

LIST = """query($alliance: ID!) {
  events(filter: {alliances: [$alliance]}, first: 5) {
    nodes { title origin { name } }
    sources { hub { name } status asOf }
  }
}"""
EVENT = "query($id: ID!) { event(id: $id) { summary version } }"
EDIT = """mutation($input: UpdateEventInput!) {
  updateEvent(input: $input) {
    event { summary version origin { name } } userErrors { code message }
  }
}"""
LIST_AND_CONTACT = """query($alliance: ID!, $library: ID!) {
  events(filter: {alliances: [$alliance]}, first: 5) {
    nodes { title origin { name } }
    sources { hub { name } status asOf }
  }
  organization(id: $library) { name contact { email } }
}"""
READING = ("organizations:read", "events:read", "alliances:read", "contacts:read")


@dataclass(slots=True)
class Tour:
    together: Together
    county: Process  # which is stopped, and begun again
    say: Callable[[str], None]
    bold: bool = False

    async def show(self) -> None:
        """Raises `NotSeen` where an answer is not what it should be, in good time."""
        await self.one_list()
        await self.an_edit()
        staff = await self.merrow.somebody(self.merrow.voices[0].slug, STAFF)
        try:
            await self.without_one(staff)
        finally:
            await self.county.begin()
        await self.its_return(staff)

    @property
    def merrow(self) -> Hub:
        return self.together.merrow

    async def one_list(self) -> None:
        merrow, variables = self.merrow, {"alliance": self.together.alliance_id}

        async def of_all() -> dict[str, Any] | None:
            said = await merrow.ask(LIST, variables)
            return said if origins(said) == set(self.names) and is_current(said) else None

        said = await until("one list of all three hubs", of_all)
        self.heading("(1) One question, one hub, everybody's events.")
        self.exchange(f"Nobody in particular asks {merrow.place}:", LIST, said["data"])

    async def an_edit(self) -> None:
        valley, event = self.together.valley, {"id": self.together.event_id}
        staff = await self.merrow.somebody(self.merrow.voices[0].slug, STAFF)
        as_it_is = (await valley.ask(EVENT, event))["data"]["event"]
        words = next(each for each in WORDS if each != as_it_is["summary"])
        change = {**event, "version": as_it_is["version"], "summary": words}
        done = await staff.change(("events:read", "events:write"), EDIT, {"input": change})
        self.heading("(2) An event of the valley's, changed from the city by a co-host.")
        self.exchange(f"{STAFF} asks {self.merrow.place}, her own hub:", EDIT, done)

        async def changed(at: Hub) -> dict[str, Any] | None:
            told: dict[str, Any] | None = (await at.ask(EVENT, event))["data"]["event"]
            return told if told is not None and told["summary"] == words else None

        owned = await until(f"the change at {valley.place}", lambda: changed(valley))
        self.exchange(f"Its owner, {valley.place}, has it:", EVENT, owned)
        back = await until(f"the change at {self.merrow.place}", lambda: changed(self.merrow))
        self.exchange(f"And {self.merrow.place} again, from what the owner told it:", None, back)

    async def without_one(self, staff: Somebody) -> None:
        """Stopped. A last poke lets the others look now, and not within half a minute."""
        county = self.together.county
        await self.county.stop()
        await Pokes(county.service.database, county.service.abroad).send(self.merrow.service.hub.id)
        await until(f"{self.merrow.place} noticing", self.trouble)
        said = await staff.ask(READING, LIST_AND_CONTACT, self.variables)
        as_if_nothing_were = county.name not in origins(said) or is_current(said)
        if as_if_nothing_were or said["data"]["organization"]["contact"]:
            raise NotSeen(f"Without {county.place}, {self.merrow.place} answers: {said}")
        self.heading(f"(3) {county.place} is stopped. Its events stay in the list,")
        self.say("    `asOf` says since when it is silent. People's addresses are never copied:")
        self.say("    that one field is null, and `errors` says why.")
        self.exchange(f"{STAFF} asks {self.merrow.place}:", LIST_AND_CONTACT, told(said))

    async def its_return(self, staff: Somebody) -> None:
        county = self.together.county
        await self.county.answering()

        async def is_back() -> dict[str, Any] | None:
            if await self.trouble():
                return None
            said = await staff.ask(READING, LIST_AND_CONTACT, self.variables)
            return said if is_current(said) and "errors" not in said else None

        said = await until(f"{county.place} being seen again", is_back)
        self.heading(f"(4) {county.place} runs again, and the same question is answered.")
        self.exchange(f"{STAFF} asks {self.merrow.place} once more:", None, told(said))

    async def trouble(self) -> str | None:
        """What went wrong last between the city and the county; None since it went right."""
        wanted = select(peerings.c.last_error).where(
            peerings.c.hub_id == self.together.county.service.hub.id
        )
        found: str | None = await self.merrow.value(wanted)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        of = self.together
        return of.merrow.name, of.valley.name, of.county.name

    @property
    def variables(self) -> dict[str, str]:
        return {
            "alliance": self.together.alliance_id,
            "library": first_of(self.together.county),
        }

    def heading(self, words: str) -> None:
        self.say(f"\033[1m{words}\033[0m" if self.bold else words)

    def exchange(self, who: str, question: str | None, answer: Any) -> None:
        self.say(f"    {who}")
        for line in (question or "").splitlines():
            self.say(f"      {line}")
        for line in legible(answer, WIDTH).splitlines():
            self.say(f"  > {line}")
        self.say("")


def origins(said: dict[str, Any]) -> set[str]:
    return {one["origin"]["name"] for one in events_of(said)["nodes"]}


def is_current(said: dict[str, Any]) -> bool:
    """Every hub speaks for its own things, or was heard from when it was asked last."""
    return all(one["status"] in {"LOCAL", "CURRENT"} for one in events_of(said)["sources"])


def events_of(said: dict[str, Any]) -> dict[str, Any]:
    """Raises `NotSeen` where the hub answers with nothing but errors."""
    if not said.get("data"):
        raise NotSeen(f"A hub answers: {said}")
    found: dict[str, Any] = said["data"]["events"]
    return found


def told(said: dict[str, Any]) -> dict[str, Any]:
    """The answer, with of each error what a person reads."""
    errors = [
        {
            "message": each["message"],
            "path": each["path"],
            "code": each["extensions"]["code"],
        }
        for each in said.get("errors", ())
    ]
    return {**({"errors": errors} if errors else {}), **said["data"]}
