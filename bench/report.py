"""docs/performance.md, written from what was measured: tables, and the aims with how they stand."""

from collections.abc import Iterator

from bench.bodies import QUESTIONS
from bench.compare import Compared
from bench.contest import LIMIT, OURS
from bench.growth import DEEP_PAGE, FIRST_PAGE, Grown
from bench.hubs import Together
from bench.hubs_report import together
from bench.memory import Remembered
from bench.results import Result, Results
from bench.tables import Cells, table
from bench.tokens import AGAIN, AUTHLIB, FIRST, JOSERFC, WAYS, Checked

PLAIN = "strawberry"  # the same library without what is done here
TIMES_THE_FASTEST_PEER, TIMES_PLAIN, PART_OF_THE_LIMIT = 2.0, 50.0, 0.6
MOST_GROWTH, MOST_MEMORY = 1.5, 1.05
MOST_MICROSECONDS = {FIRST: 300.0, AGAIN: 5.0}
SAID_OF = {
    OURS: "this service, as `./convoke serve` starts it",
    LIMIT: "uvicorn and asyncpg alone, and a statement written by hand for each question",
    "postgraphile": "PostGraphile, which makes its schema of the tables",
    "mercurius": "Mercurius on Fastify, its queries compiled by graphql-jit",
    "apollo": "Apollo Server with DataLoader",
    "yoga": "GraphQL Yoga with DataLoader",
    PLAIN: "Strawberry as its documentation has it, on SQLAlchemy with DataLoader",
}
_WHAT_CHECKS = {
    FIRST: "as the endpoint does it, by signature",
    AGAIN: "the same tokens again, by their digest",
    JOSERFC: "`jwt.decode` with a set of keys, then `JWTClaimsRegistry`",
    AUTHLIB: "`JWTBearerTokenValidator`, with the keys at hand",
}
HEAD = """# Performance

Written by `./convoke bench`, on the machine that each part names; run it on yours. Nothing here is
edited by hand. `bench/` holds all of it: the data, the questions, the servers and the load.
"""
NOT_YET = "Not measured yet: `./convoke bench {}` adds it.\n"


def written(results: Results, before: str = "") -> str:
    """What was measured now or in this directory, and of the rest what the report said before."""
    said = dict(part.split("\n\n", 1) for part in before.split("\n## ")[1:] if "\n\n" in part)
    parts = [HEAD]
    for heading, what, result in (
        ("Beside other servers", "compare", results.compare),
        ("From a thousand events to a million", "growth", results.growth),
        ("Memory", "memory", results.memory),
        ("A token checked", "tokens", results.tokens),
        ("Hubs", "hubs", results.hubs),
    ):
        parts.append(f"## {heading}\n")
        if result is None:
            parts.append(said[heading].rstrip() + "\n" if heading in said else NOT_YET.format(what))
        else:
            parts += [taken_on(result), *told(result)]
    return "\n".join(parts)


def taken_on(result: Result) -> str:
    machine = result.machine
    return (
        f"Taken on {machine.day}, at commit {machine.commit}"
        + (", with `--quick`: less data, fewer rounds. " if result.quick else ". ")
        + f"The machine: {machine.processor}, {machine.processors} of them, {machine.memory} of "
        f"memory; {machine.system}; Python {machine.python}; PostgreSQL {machine.postgres}, the one "
        "that comes with Convoke, as Convoke starts it.\n"
    )


def told(result: Result) -> Iterator[str]:
    match result.done:
        case Compared():
            return compared(result.done)
        case Grown():
            return grown(result.done)
        case Remembered():
            return remembered(result.done)
        case Checked():
            return checked(result.done)
        case Together():
            return together(result.done)


# ── beside other servers ─────────────────────────────────────────────────────────────────────


def compared(done: Compared) -> Iterator[str]:
    scale, plan = done.plan.scale, done.plan
    yield (
        f"{scale.organizations:,} organizations, {scale.groups:,} groups, {scale.alliances:,} "
        f"alliances, {scale.events:,} events over two years, {scale.rsvps:,} RSVPs. Nobody is "
        "signed in. Each server is one process with ten connections to the same PostgreSQL; where "
        "there are two processors or more it has one of them, and PostgreSQL and the load run "
        f"where they like. They are asked in turn, {plan.rounds} rounds of {plan.seconds:g} "
        "seconds for each cell, in another order each time. Before that, "
        f"{plan.checked} answers of each question were the same from all of them. Ours differs "
        "from a plain `./convoke serve` in two settings: the size of its pool, and that all of "
        "the load may come from one address.\n"
    )
    yield table(
        ("Server", "What it is", "Versions"),
        [
            (name, SAID_OF[name], ", ".join(f"{k} {v}" for k, v in versions.items()))
            for name, versions in done.servers.items()
        ],
    )
    for each in done.left:
        yield f"Without {each.name}: {each.why}\n"
    yield from aims(done)
    for question in plan.questions:
        yield f"### {QUESTIONS[question].name}: {QUESTIONS[question].says}\n"
        for connections in plan.connections:
            under_way = "one request" if connections == 1 else f"{connections} requests"
            yield f"With {under_way} under way:\n"
            yield cell(done, question, connections)
    yield (
        "p50 and p99 are times to the whole answer; processor time is that of a request, in the "
        "server and in PostgreSQL, from /proc. The last column is the median over the rounds of "
        "our requests a second by theirs in the same round.\n"
    )


def cell(done: Compared, question: str, connections: int) -> str:
    def middle(name: str, what: str) -> float:
        return done.middle(question, connections, name, what)

    fastest_first = sorted(done.servers, key=lambda name: -middle(name, "per_second"))
    rows = [
        (
            name,
            f"{middle(name, 'per_second'):,.0f}",
            f"{middle(name, 'p50') / 1000:.2f}",
            f"{middle(name, 'p99') / 1000:.2f}",
            f"{middle(name, 'cpu'):,.0f}",
            f"{middle(name, 'postgres_cpu'):,.0f}",
            sum(each.errors for each in done.of(question, connections, name)),
            f"{done.ratio(question, connections, name):.2f}",
        )
        for name in fastest_first
    ]
    head = ("Server", "Requests/s", "p50 ms", "p99 ms", "CPU µs", "PostgreSQL µs", "Errors")
    return table((*head, "Ours to it"), rows)


def aims(done: Compared) -> Iterator[str]:
    """How the service stands to what it is meant to reach, with the most requests under way."""
    connections = max(done.plan.connections)
    peers = [name for name in done.servers if name not in (OURS, LIMIT)]
    rows: list[Cells] = []
    for question in done.plan.questions:
        name = QUESTIONS[question].name
        ratio = {each: done.ratio(question, connections, each) for each in done.servers}
        if peers:
            fastest = min(peers, key=lambda each: ratio[each])
            aim = f"{TIMES_THE_FASTEST_PEER:g} times the fastest peer ({fastest})"
            rows.append(stands(name, aim, ratio[fastest], TIMES_THE_FASTEST_PEER))
        if PLAIN in ratio:
            aim = f"{TIMES_PLAIN:g} times plain Strawberry"
            rows.append(stands(name, aim, ratio[PLAIN], TIMES_PLAIN))
        if LIMIT in ratio:
            aim = f"{PART_OF_THE_LIMIT:g} of the limit"
            rows.append(stands(name, aim, ratio[LIMIT], PART_OF_THE_LIMIT))
    if rows:
        yield f"The aims, with {connections} requests under way:\n"
        yield table(("Question", "Aim: at least", "Measured", ""), rows)


def stands(question: str, aim: str, measured: float, least: float) -> Cells:
    return question, aim, f"{measured:.3g}", "met" if measured >= least else "not met"


# ── growth and memory ────────────────────────────────────────────────────────────────────────


def grown(done: Grown) -> Iterator[str]:
    yield (
        "The same questions, about the same events, alliances and places, of hubs of different "
        "sizes, all running and asked in turn, one request at a time. The first thousand events "
        "are the same in all and fill every page; the others lie around and among them. Median "
        "time to the answer in ms; in brackets, PostgreSQL's processor time in µs.\n"
    )
    sizes = done.plan.sizes
    rows: list[Cells] = []
    for question in (*QUESTIONS, FIRST_PAGE, DEEP_PAGE):
        cells: list[object] = []
        for events in sizes:
            p50 = done.middle(question, events, "p50")
            cpu = done.middle(question, events, "postgres_cpu")
            cells.append("" if p50 is None else f"{p50 / 1000:.2f} ({cpu:,.0f})")
        rows.append((name_of(question, done.plan.pages), *cells, *growth_of(done, question)))
    yield table(("", *(f"{events:,}" for events in sizes), "Largest to smallest", ""), rows)
    yield "The bytes of an answer, its headers among them:\n"
    sent = [
        (
            QUESTIONS[question].name,
            *(f"{done.middle(question, events, 'bytes') or 0:,.0f}" for events in sizes),
        )
        for question in QUESTIONS
    ]
    yield table(("", *(f"{events:,}" for events in sizes)), sent)
    yield (
        f"The aim: at most {MOST_GROWTH:g} times, and a page after {done.plan.pages} others within "
        f"{MOST_GROWTH:g} times of the first. A list that is not so long has no such page.\n"
    )


def name_of(question: str, pages: int) -> str:
    if question in QUESTIONS:
        return f"{QUESTIONS[question].name}: {QUESTIONS[question].says}"
    return {
        FIRST_PAGE: "The first page of all events to come",
        DEEP_PAGE: f"Its page after {pages} others; its ratio is to the first page",
    }[question]


def growth_of(done: Grown, question: str) -> Cells:
    smallest, largest = done.plan.sizes[0], done.plan.sizes[-1]
    after = done.middle(question, largest, "p50")
    if question == DEEP_PAGE:
        before = done.middle(FIRST_PAGE, largest, "p50")
    else:
        before = done.middle(question, smallest, "p50")
    if not before or after is None:
        return "", ""
    ratio = after / before
    return f"{ratio:.2f}", "met" if ratio <= MOST_GROWTH else "not met"


def remembered(done: Remembered) -> Iterator[str]:
    plan, last = done.plan, done.samples[-1]
    if last.requests < plan.requests:
        yield f"The time was over before all {plan.requests:,} requests were sent.\n"
    yield (
        f"{last.requests:,} requests of {plan.documents:,} different documents, some often and "
        f"most seldom, {plan.connections} at a time, with {last.errors:,} errors. Memory of their "
        f"own, in MB, after each of {len(done.samples)} equal parts.\n"
    )
    rows: list[Cells] = []
    for name, what in (("The service", "service"), ("PostgreSQL, all its processes", "postgres")):
        first, end = done.quarter(1, what), done.quarter(3, what)
        flat = "flat" if end <= first * MOST_MEMORY else "growing"
        rows.append((name, f"{first / 1e6:,.0f}", f"{end / 1e6:,.0f}", f"{end / first:.3f}", flat))
    yield table(("", "Second quarter", "Last quarter", "Ratio", ""), rows)
    step = max(1, len(done.samples) // 10)
    yield table(
        ("Requests", "Service MB", "PostgreSQL MB"),
        [
            (f"{each.requests:,}", f"{each.service / 1e6:,.0f}", f"{each.postgres / 1e6:,.0f}")
            for each in done.samples[::step]
        ],
    )


# ── a token checked ──────────────────────────────────────────────────────────────────────────


def checked(done: Checked) -> Iterator[str]:
    plan = done.plan
    yield (
        "What a request with a token costs before anything is read: signature and claims (ES256, "
        "RFC 9068), in one process. How its holder stands is asked in the statement that answers, "
        f"and not here. {plan.rounds} rounds of {plan.tokens:,} new tokens each; processor time, "
        "the mean of a round, and of these the median.\n"
    )
    rows: list[Cells] = []
    for way in WAYS:
        most, measured = MOST_MICROSECONDS.get(way), done.middle(way)
        aim = "" if most is None else f"under {most:g}"
        stand = "" if most is None else "met" if measured < most else "not met"
        rows.append((way, _WHAT_CHECKS[way], f"{measured:.1f}", aim, stand))
    yield table(("", "What it does", "µs", "Aim", ""), rows)
