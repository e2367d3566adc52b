"""Letters that wait are sent: each once, to whom it is for, and whatever the mail server does."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from domain.hubs import LocalHub
from domain.ids import Names
from resolvers import letters
from storage import mail
from storage.engine import Database
from storage.mail import Letter, Posted
from storage.tables import outgoing_mail
from tests.cast import MakeContext
from tests.outside import MONDAY, SeededChance, StandingClock
from tests.web import smtp
from tests.web.smtp import ELSEWHERE, Certificate
from web.mailing import Mailer, composed, pause
from web.setting_kinds import MailServer
from web.settings import read_settings
from web.worker import at_work, worker_of

HELLO = Letter("lee@library.example", "Hello", "Come in.\n")
FROM = "hub@pantry.example"


class PostOffice:
    """A hub, its letters, and its mailer."""

    def __init__(self, database: Database, hub: LocalHub, clock: StandingClock) -> None:
        self.database, self.hub, self.clock = database, hub, clock
        self.names = Names(hub.authority, clock, SeededChance("letters"))

    async def post(self, *given: Letter) -> None:
        async with self.database.writing() as db:
            await mail.post(db, self.names, given, self.clock.now())

    def mailer(
        self,
        port: int,
        host: str = "127.0.0.1",
        *,
        tls: ssl.SSLContext | None = None,
        is_tls: bool = False,
        login: tuple[str, str] | None = None,
    ) -> Mailer:
        server = MailServer(host, port, is_tls, *(login or ()))
        return Mailer(self.database, self.hub, self.clock, server, FROM, tls)

    async def rows(self) -> list[dict[str, object]]:
        async with self.database.reading() as db:
            found = await db.execute(select(outgoing_mail).order_by(outgoing_mail.c.id))
            return [dict(row) for row in found.mappings()]

    async def row(self) -> dict[str, object]:
        (row,) = await self.rows()
        return row


@pytest.fixture
def office(database: Database, hub: LocalHub, clock: StandingClock) -> PostOffice:
    return PostOffice(database, hub, clock)


@pytest.fixture
async def server() -> AsyncIterator[smtp.MailServer]:
    async with smtp.listening(smtp.MailServer()) as opened:
        yield opened


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.made(tmp_path_factory.mktemp("certificate"))


# ── what is sent ─────────────────────────────────────────────────────────────────────────────


async def test_a_letter_arrives_as_it_was_written(
    office: PostOffice, server: smtp.MailServer
) -> None:
    words = "Grüße, مرحبا 🍲\n.\n..a line of dots\nhttps://hub.test/x?y=" + "z" * 100 + "\n"
    await office.post(Letter("lee@library.example", "Einladung für dich ✉", words))
    office.clock.forward(minutes=3)
    assert not await office.mailer(server.port).pass_once()
    (letter,) = server.letters()
    assert letter.get_content().replace("\r\n", "\n") == words
    assert letter.get_content_type() == "text/plain"
    assert letter["Subject"] == "Einladung für dich ✉"
    assert letter["To"] == "lee@library.example"
    assert letter["From"] == "Hub of tests <hub@pantry.example>"
    assert letter["Date"].datetime == MONDAY
    assert letter["Auto-Submitted"] == "auto-generated"
    row = await office.row()
    assert letter["Message-ID"] == f"<{str(row['id']).partition('@')[0]}@hub.test>"
    assert server.recipients == ["<lee@library.example>"]
    assert any(line.startswith("MAIL FROM:<hub@pantry.example>") for line in server.commands)
    assert server.commands[-1] == "QUIT"
    assert (row["sent_at"], row["text"], row["problem"]) == (office.clock.now(), "", None)


async def test_all_that_wait_go_over_one_line_the_oldest_first(
    office: PostOffice, server: smtp.MailServer
) -> None:
    for number in range(5):
        await office.post(Letter("lee@library.example", f"Letter {number}", "Come in."))
        office.clock.forward(seconds=1)
    await office.mailer(server.port).pass_once()
    assert [each["Subject"] for each in server.letters()] == [f"Letter {n}" for n in range(5)]
    assert server.lines == 1
    await office.mailer(server.port).pass_once()
    assert (len(server.taken), server.lines) == (5, 1)


async def test_of_several_that_send_at_once_one_sends_each(
    office: PostOffice, server: smtp.MailServer
) -> None:
    await office.post(*(Letter(f"p{n}@library.example", f"{n}", "Hi") for n in range(20)))
    await asyncio.gather(*(office.mailer(server.port).pass_once() for _ in range(5)))
    assert sorted(int(each["Subject"]) for each in server.letters()) == list(range(20))


@pytest.mark.parametrize(
    ("address", "over_the_line"),
    [
        ("o'brien+hub@library.example", "<o'brien+hub@library.example>"),
        ("a,b@library.example", '<"a,b"@library.example>'),
        ("(lee)@library.example", '<"(lee)"@library.example>'),
        ("lee;sam@library.example", '<"lee;sam"@library.example>'),
        ("lee\\@library.example", '<"lee\\\\"@library.example>'),
        (f"{'l' * 64}@{'x' * 60}.library.example", f"<{'l' * 64}@{'x' * 60}.library.example>"),
    ],
)
async def test_an_odd_address_is_one_address(
    office: PostOffice, server: smtp.MailServer, address: str, over_the_line: str
) -> None:
    await office.post(Letter(address, "Hello", "Come in."))
    await office.mailer(server.port).pass_once()
    assert server.recipients == [over_the_line]
    assert len(server.letters()[0]["To"].addresses) == 1


@pytest.mark.parametrize(
    "letter",
    [
        Letter("lee@library.example", "Hello\r\nBcc: eve@evil.example", "Come in."),
        Letter("lee@library.example", "Hello\nBcc: eve@evil.example", "Come in."),
        Letter("lee@library.example\r\nRCPT TO:<eve@evil.example>", "Hello", "Come in."),
        Letter("lee@library.example>\x01<eve@evil.example", "Hello", "Come in."),
        Letter("nobody", "Hello", "Come in."),
    ],
)
async def test_no_letter_says_more_than_one_thing_to_the_server(
    office: PostOffice, server: smtp.MailServer, letter: Letter
) -> None:
    """It is given up, and the next one is sent."""
    await office.post(letter, HELLO)
    await office.mailer(server.port).pass_once()
    assert server.recipients == ["<lee@library.example>"]
    assert not [line for line in server.commands if "eve" in line]
    given_up, hello = await office.rows()
    assert hello["sent_at"] is not None
    assert (given_up["failed_at"], given_up["text"]) == (office.clock.now(), "")


async def test_an_address_beyond_ascii_needs_a_server_that_knows_such(
    office: PostOffice, server: smtp.MailServer
) -> None:
    await office.post(Letter("jürgen@straße.example", "Hallo", "Komm rein."))
    await office.mailer(server.port).pass_once()
    row = await office.row()
    assert (server.taken, row["failed_at"], row["text"]) == ([], office.clock.now(), "")
    assert "SMTPUTF8 is not supported" in str(row["problem"])
    server.extensions += ("SMTPUTF8",)
    await office.post(Letter("jürgen@straße.example", "Hallo", "Komm rein."))
    await office.mailer(server.port).pass_once()
    assert server.recipients == ["<jürgen@straße.example>"]


# ── what the server has against it ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["RCPT", "END"])
async def test_what_is_refused_for_good_is_given_up_and_the_rest_is_sent(
    office: PostOffice, server: smtp.MailServer, command: str
) -> None:
    await office.post(Letter("gone@library.example", "Hello", "the link"))
    server.answers[command] = "550 5.1.1 <gone@library.example>: nobody of that name"
    mailer = office.mailer(server.port)
    await mailer.pass_once()
    row = await office.row()
    assert row["failed_at"] == office.clock.now()
    assert row["problem"] == "550 5.1.1 <(the address)>: nobody of that name"
    assert (row["text"], row["sent_at"]) == ("", None)
    server.answers.clear()
    await office.post(HELLO)
    office.clock.forward(days=5)
    await mailer.pass_once()
    assert [each["Subject"] for each in server.letters()] == ["Hello"]
    assert server.recipients == ["<lee@library.example>"]


async def test_what_is_refused_for_now_is_tried_again_later_and_later(
    office: PostOffice, server: smtp.MailServer
) -> None:
    server.answers["RCPT"] = "450 4.2.0 Greylisted, come back"
    await office.post(HELLO)
    await office.post(Letter("sam@shelter.example", "Hello", "Hi"))
    mailer = office.mailer(server.port)
    await mailer.pass_once()
    assert server.lines == 1  # the second is tried all the same
    for expected in (1, 2, 4, 8):
        first, second = await office.rows()
        waits = timedelta(minutes=expected)
        assert first["due_at"] == second["due_at"] == office.clock.now() + waits
        assert first["text"] == "Come in.\n"
        office.clock.forward(minutes=expected, seconds=-1)
        assert not await mailer.pass_once()
        assert server.lines == expected.bit_length()
        office.clock.forward(seconds=1)
        await mailer.pass_once()
    server.answers.clear()
    office.clock.forward(minutes=16)
    await mailer.pass_once()
    assert len(server.taken) == 2
    assert {row["problem"] for row in await office.rows()} == {None}


async def test_after_three_days_it_is_given_up(office: PostOffice, server: smtp.MailServer) -> None:
    server.answers["END"] = "451 4.3.0 Not today"
    await office.post(HELLO)
    mailer, tries = office.mailer(server.port), 0
    while (row := await office.row())["failed_at"] is None:
        due = row["due_at"]
        assert isinstance(due, datetime)
        office.clock.at = max(office.clock.at, due)
        await mailer.pass_once()
        tries += 1
        assert tries < 30
    assert row["failed_at"] == MONDAY + timedelta(days=3)
    assert (row["problem"], row["text"]) == ("451 4.3.0 Not today", "")
    assert tries == row["tries"] == 14


def test_a_pause_grows_to_a_day() -> None:
    assert [pause(n) for n in (1, 2, 11)] == [timedelta(minutes=m) for m in (1, 2, 1024)]
    assert pause(12) == pause(1_000) == timedelta(days=1)


# ── what it has against us, or does to us ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("", "554 No mail here today"),
        ("EHLO", ""),
        ("MAIL", "550 5.7.1 Who is hub@pantry.example?"),
        ("MAIL", "421 4.7.0 Too many of you"),
        ("RCPT", "530 5.7.0 Sign in first"),
        ("RCPT", ""),
        ("DATA", ""),
        ("END", ""),
        ("END", "rubbish"),
    ],
)
async def test_whatever_it_has_against_us_letters_wait_and_arrive_once(
    office: PostOffice,
    server: smtp.MailServer,
    caplog: pytest.LogCaptureFixture,
    command: str,
    said: str,
) -> None:
    caplog.set_level("INFO", "convoke.mail")
    server.answers[command] = said
    if command == "":
        server.answers |= {"EHLO": "", "HELO": ""}
    await office.post(HELLO, Letter("sam@shelter.example", "Hello", "Hi"))
    mailer = office.mailer(server.port)
    for _ in range(5):
        await mailer.pass_once()
        office.clock.forward(seconds=1)
    assert server.lines == 1  # it rests, and does not try the other
    tried, other = await office.rows()
    assert (tried["tries"], other["tries"]) == (1, 0)
    assert tried["problem"]
    assert tried["failed_at"] is None
    assert len(caplog.records) == 1
    assert "lee@" not in caplog.text
    server.answers.clear()
    office.clock.forward(minutes=1)
    await mailer.pass_once()
    assert sorted(server.recipients) == ["<lee@library.example>", "<sam@shelter.example>"]
    assert [each.levelname for each in caplog.records] == ["WARNING", "INFO"]


async def test_a_server_that_is_away_is_asked_less_and_less(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    server = smtp.MailServer()
    async with smtp.listening(server):
        mailer = office.mailer(server.port)
    await office.post(*[HELLO] * 10)
    for _ in range(100):
        await mailer.pass_once()
        office.clock.forward(seconds=15)
    assert 5 <= sum(int(str(row["tries"])) for row in await office.rows()) <= 8
    assert len(caplog.records) == 1
    assert "The mail server takes no letters: Error connecting" in caplog.text
    async with smtp.listening(server):
        office.clock.forward(hours=1)
        await mailer.pass_once()
    assert len(server.taken) == 10


async def test_nothing_is_held_open_while_the_server_thinks(
    office: PostOffice, server: smtp.MailServer, database: Database
) -> None:
    """And nobody else takes the letter up, until it is plain that whoever did is no more."""
    server.hold = asyncio.Event()
    await office.post(HELLO)
    first = asyncio.create_task(office.mailer(server.port).pass_once())
    while "DATA" not in server.commands:  # noqa: ASYNC110 - a socket tells nobody
        await asyncio.sleep(0.01)
    async with database.reading() as db:
        idle = "select count(*) from pg_stat_activity where state like 'idle in transaction%'"
        assert await db.scalar(text(f"{idle} and datname = current_database()")) == 0
    other = smtp.MailServer()
    async with smtp.listening(other):
        office.clock.forward(minutes=4)
        await office.mailer(other.port).pass_once()
        assert other.taken == []
        server.hold.set()
        await first
        office.clock.forward(days=1)
        await office.mailer(other.port).pass_once()
    assert (len(server.taken), len(other.taken)) == (1, 0)


async def test_a_letter_of_a_process_that_died_is_sent_by_another_under_the_same_name(
    office: PostOffice, server: smtp.MailServer
) -> None:
    server.hold = asyncio.Event()
    await office.post(HELLO)
    first = asyncio.create_task(office.mailer(server.port).pass_once())
    while "DATA" not in server.commands:  # noqa: ASYNC110 - a socket tells nobody
        await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await office.row())["sent_at"] is None
    server.hold.set()
    server.hold = None
    office.clock.forward(minutes=5)
    await office.mailer(server.port).pass_once()
    assert (await office.row())["sent_at"] is not None
    assert len({each["Message-ID"] for each in server.letters()}) == 1


# ── TLS, and signing in ──────────────────────────────────────────────────────────────────────


async def test_elsewhere_nothing_is_said_before_tls(
    office: PostOffice, certificate: Certificate
) -> None:
    """A server, or whoever sits between, that offers none is told no letter and no password."""
    server = smtp.MailServer(extensions=("AUTH PLAIN",))
    await office.post(HELLO)
    async with smtp.listening(server):
        login = ("anna", "r/ght pass")
        mailer = office.mailer(server.port, ELSEWHERE, tls=certificate.client, login=login)
        await mailer.pass_once()
        assert (server.taken, server.logins) == ([], [])
        assert not [line for line in server.commands if not line.startswith(("EHLO", "QUIT"))]
        assert "STARTTLS" in str((await office.row())["problem"])
        server.tls = certificate.server
        office.clock.forward(minutes=1)
        await mailer.pass_once()
    assert (server.secured, server.logins) == ([True], ["anna:r/ght pass"])


async def test_a_server_that_nobody_vouches_for_gets_nothing(
    office: PostOffice, certificate: Certificate
) -> None:
    server = smtp.MailServer(tls=certificate.server)
    await office.post(HELLO)
    async with smtp.listening(server):
        await office.mailer(server.port, ELSEWHERE).pass_once()
    assert server.taken == []
    assert "certificate" in str((await office.row())["problem"]).lower()


async def test_tls_from_the_first_byte(office: PostOffice, certificate: Certificate) -> None:
    server = smtp.MailServer()
    await office.post(HELLO)
    async with smtp.listening(server, certificate.server):
        await office.mailer(server.port, tls=certificate.client, is_tls=True).pass_once()
    assert server.secured == [True]


async def test_a_wrong_password_is_ours_to_mend(office: PostOffice) -> None:
    server = smtp.MailServer(extensions=("AUTH PLAIN",))
    await office.post(HELLO)
    async with smtp.listening(server):
        await office.mailer(server.port, login=("anna", "wrong")).pass_once()
        row = await office.row()
        assert (row["failed_at"], row["problem"]) == (None, "535 5.7.8 Who are you?")
        office.clock.forward(minutes=1)
        await office.mailer(server.port, login=("anna", "r/ght pass")).pass_once()
    assert len(server.taken) == 1


# ── beside the worker, and afterwards ────────────────────────────────────────────────────────


async def test_the_worker_sends_what_is_posted(
    office: PostOffice, server: smtp.MailServer, database: Database
) -> None:
    given = {"CONVOKE_SMTP_URL": f"smtp://127.0.0.1:{server.port}", "CONVOKE_MAIL_FROM": FROM}
    making = worker_of(
        database.url, office.hub, office.clock, SeededChance(), (), settings=read_settings(given)
    )
    async with making as worker, asyncio.timeout(60):
        worker.look_seconds = 0.02
        async with at_work(worker):
            await office.post(HELLO)
            while (await office.row())["sent_at"] is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    assert len(server.taken) == 1


async def test_without_a_mail_server_letters_wait(
    office: PostOffice, database: Database, hub: LocalHub, clock: StandingClock
) -> None:
    assert Mailer.of_settings(read_settings({}), database, hub, clock) is None
    async with worker_of(
        database.url, hub, clock, SeededChance(), (), settings=read_settings({})
    ) as worker:
        assert worker.mailer is None


async def test_what_was_sent_is_forgotten_after_a_month(
    office: PostOffice, server: smtp.MailServer, context: MakeContext
) -> None:
    await office.post(HELLO)
    await office.mailer(server.port).pass_once()
    server.answers["RCPT"] = "550 Gone"
    await office.post(HELLO)
    await office.mailer(server.port).pass_once()
    server.answers["RCPT"] = "450 Later"
    await office.post(HELLO)
    await office.mailer(server.port).pass_once()
    office.clock.forward(days=30)
    assert await letters.forget(context(), office.clock.now()) == 0
    office.clock.forward(seconds=1)
    assert await letters.forget(context(), office.clock.now()) == 2
    assert (await office.row())["problem"] == "450 Later"


def test_a_mail_program_may_end_letters_by_itself_where_the_hub_has_https() -> None:
    """RFC 8058 s3.1; and the address stays whole, however long it is."""
    hub = LocalHub("hub", "pantry.example", "https://pantry.example", "Pantry")
    url = f"https://pantry.example/mail/stop?link={'a' * 150}"
    posted = Posted(
        id="mai_1@pantry.example",
        to="lee@library.example",
        subject="Hi",
        text="Hi\n",
        created_at=MONDAY,
        tries=1,
    )
    sent = composed(replace(posted, stop_url=url, html="<p>Hi</p>"), FROM, hub).as_bytes()
    assert f"List-Unsubscribe: <{url}>\r\n".encode() in sent
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in sent
    plain = composed(replace(posted, stop_url=url.replace("https", "http")), FROM, hub)
    assert "List-Unsubscribe-Post" not in plain
    assert "List-Unsubscribe" not in composed(posted, FROM, hub)
