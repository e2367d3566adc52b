"""Sending the letters that wait (`storage/mail.py`) through the mail server that the settings name.

The worker does it, beside what time brings. A letter is claimed, sent while no transaction is open,
and noted as sent: once in the ordinary case. Where a process dies between the last two, the letter
is sent again some minutes later under the same Message-ID, by which receivers can tell.

What the server has against a letter is for good (5xx of the recipient or the content) or passes; what
it has against us (sign-in, TLS, the sender's address, no answer) passes, because somebody mends it.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from typing import Self

import icalendar
from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from domain.hubs import LocalHub
from domain.outside import Clock
from storage import mail
from storage.engine import Database
from storage.mail import Posted
from web.setting_kinds import MailServer
from web.settings import Settings

ANSWER_SECONDS = 30.0  # for each answer of the server
LETTER_SECONDS = 120.0  # for a letter, with connecting
QUIT_SECONDS = 2.0
TRY_SECONDS = 5.0  # for a look whether it answers
CLAIM = timedelta(minutes=5)  # longer than any letter takes
MOST_AT_ONCE = 100  # over one connection
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)  # of a letter
GIVE_UP = timedelta(days=3)
FIRST_REST, LONGEST_REST = timedelta(seconds=15), timedelta(minutes=10)  # of the mailer itself
# In answer to a recipient: about us, and not about them (RFC 4954 s6, RFC 7504 s4, RFC 3207 s4).
ABOUT_US = {521, 530, 534, 535, 538}
LONGEST_PROBLEM = 300

log = logging.getLogger("convoke.mail")


class _AsItIs(UnstructuredHeader, BaseHeader):
    """An address that must not be broken, however long (RFC 2369 s2); by itself Python encodes what
    fits in no line."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _AsItIs)
_POLICY = policy.SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the server said; `for_good` where trying again is no use, `with_us` where every letter
    would meet it."""

    said: str
    for_good: bool = False
    with_us: bool = False


class Mailer:
    """`tls` is for tests: whom to believe is otherwise the machine's to say."""

    def __init__(
        self,
        database: Database,
        hub: LocalHub,
        clock: Clock,
        server: MailServer,
        sender: str,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._database = database
        self._hub = hub
        self._clock = clock
        self._server = server
        self._sender = sender
        self._tls = tls
        self._rest = timedelta()
        self._rests_until = datetime.min.replace(tzinfo=UTC)

    @classmethod
    def of_settings(
        cls, settings: Settings, database: Database, hub: LocalHub, clock: Clock
    ) -> Self | None:
        """None where no mail server is named: letters wait."""
        if settings.mail_server is None:
            return None
        return cls(database, hub, clock, settings.mail_server, settings.mail_from)

    async def pass_once(self, is_over: Callable[[], bool] = lambda: False) -> bool:
        """Sends what is due, and says whether there may be more to send at once."""
        if self._clock.now() < self._rests_until:
            return False
        line = self._line()
        try:
            for _ in range(MOST_AT_ONCE):
                if is_over() or not await self._sent_one(line):
                    return False
            return True
        except asyncio.CancelledError:
            line.close()
            raise
        finally:
            await _hang_up(line)

    async def _sent_one(self, line: SMTP) -> bool:
        """Whether to go on with the next."""
        now = self._clock.now()
        async with self._database.writing() as db:
            letter = await mail.claim(db, now, now + CLAIM)
        if letter is None:
            return False
        trouble = await self._hand_over(line, letter)
        await self._note(letter, trouble)
        self._take_heart(trouble)
        return trouble is None or not trouble.with_us

    async def _hand_over(self, line: SMTP, letter: Posted) -> Trouble | None:
        try:
            message = composed(letter, self._sender, self._hub)
        except ValueError as unfit:
            return Trouble(f"It cannot be written as a mail: {unfit}", for_good=True)
        try:
            async with asyncio.timeout(LETTER_SECONDS):
                if not line.is_connected:
                    await line.connect()
                recipient = message["To"].addresses[0].addr_spec
                await line.send_message(message, sender=self._sender, recipients=[recipient])
        except (SMTPException, OSError, ValueError) as error:
            trouble = trouble_of(error)
            if trouble.with_us or isinstance(error, ValueError):
                line.close()  # nobody knows what the server waits for
            return trouble
        return None

    async def _note(self, letter: Posted, trouble: Trouble | None) -> None:
        now = self._clock.now()
        async with self._database.writing() as db:
            if trouble is None:
                await mail.note_sent(db, letter.id, now)
                return
            # Servers like to repeat the address, and it is not for every log.
            said = " ".join(trouble.said.replace(letter.to, "(the address)").split())
            said = said[:LONGEST_PROBLEM]
            last = letter.created_at + GIVE_UP
            if trouble.for_good or now >= last:
                await mail.note_failed(db, letter.id, now, said)
            else:
                await mail.put_off(db, letter.id, min(now + pause(letter.tries), last), said)

    def _take_heart(self, trouble: Trouble | None) -> None:
        """A server that is away is asked less and less often, and is told of once."""
        if trouble is None or not trouble.with_us:
            if self._rest:
                log.info("The mail server takes letters again.")
            self._rest = timedelta()
            return
        if not self._rest:
            log.warning("The mail server takes no letters: %s. They wait.", trouble.said)
        self._rest = min(max(self._rest * 2, FIRST_REST), LONGEST_REST)
        self._rests_until = self._clock.now() + self._rest

    def _line(self) -> SMTP:
        return line_to(self._server, self._hub, self._tls)


def line_to(server: MailServer, hub: LocalHub, tls: ssl.SSLContext | None = None) -> SMTP:
    return SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        local_hostname=_host_of(hub),
        timeout=ANSWER_SECONDS,
        use_tls=server.is_tls,
        # Never as it happens to come: whoever sits between would say that there is none.
        start_tls=not server.is_tls and not server.is_this_machine,
        tls_context=tls,
    )


async def tried(server: MailServer, hub: LocalHub) -> str | None:
    """What the server has against us, before any letter: None where it lets us in."""
    line = line_to(server, hub)
    try:
        async with asyncio.timeout(TRY_SECONDS):
            await line.connect()
    except (SMTPException, OSError, ValueError) as error:
        return trouble_of(error).said or type(error).__name__
    finally:
        await _hang_up(line)
    return None


def composed(letter: Posted, sender: str, hub: LocalHub) -> EmailMessage:
    """Plain text in UTF-8, with what there is beside it. Raises ValueError where it is for no address,
    and where a header would hold a line break."""
    message = EmailMessage(policy=_POLICY)
    user, _, domain = letter.to.rpartition("@")
    if not user or not domain:
        raise ValueError("there is no address")
    message["From"] = Address(hub.name, addr_spec=sender)
    message["To"] = Address(username=user, domain=domain)
    message["Subject"] = letter.subject
    message["Date"] = letter.created_at
    message["Message-ID"] = f"<{letter.id.partition('@')[0]}@{_host_of(hub)}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 s5: nobody's absence answers it
    if letter.stop_url is not None:
        message["List-Unsubscribe"] = f"<{letter.stop_url}>"
        if letter.stop_url.startswith("https://"):  # RFC 8058 s3.1 wants it so
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text, cte="quoted-printable")
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.calendar is not None:
        _attach(message, letter.calendar, sender)
    return message


def _attach(message: EmailMessage, text: str, sender: str) -> None:
    """RFC 6047 s2.4. It is this hub that can be written to about it, in the name of the host."""
    calendar = icalendar.Calendar.from_ical(text)
    for entry in calendar.events:
        organizer = icalendar.vCalAddress(f"mailto:{sender}")
        organizer.params["CN"] = entry["ORGANIZER"].params["CN"]
        entry["ORGANIZER"] = organizer
    message.add_attachment(
        calendar.to_ical().decode(),
        subtype="calendar",
        cte="base64",
        params={"method": str(calendar["METHOD"]), "component": "VEVENT"},
        filename="event.ics",
    )


def trouble_of(error: Exception) -> Trouble:
    match error:
        case SMTPRecipientsRefused():
            refused = error.recipients[0]
            said = f"{refused.code} {refused.message}"
            if refused.code in ABOUT_US:
                return Trouble(said, with_us=True)
            return Trouble(said, for_good=refused.code >= 500, with_us=refused.code == 421)
        case SMTPDataError():
            said = f"{error.code} {error.message}"
            return Trouble(said, for_good=error.code >= 500, with_us=error.code == 421)
        case SMTPResponseException():
            return Trouble(f"{error.code} {error.message}", with_us=True)
        case SMTPNotSupported() | ValueError():
            # An address beyond ASCII, and a server that knows only ASCII (RFC 6531 s3.2). It is not
            # put into Punycode here: the older of its two ways is another domain's.
            return Trouble(f"The mail server knows no such address: {error}", for_good=True)
        case TimeoutError():
            return Trouble("It did not answer in time", with_us=True)
        case _:
            return Trouble(str(error) or type(error).__name__, with_us=True)


def pause(tries: int) -> timedelta:
    """Twice as long after each try, up to a day."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)


def _host_of(hub: LocalHub) -> str:
    """Without the port, which has no place in a Message-ID (RFC 5322 s3.6.4)."""
    host, colon, port = hub.authority.rpartition(":")
    return host if colon and port.isdigit() else hub.authority


async def _hang_up(line: SMTP) -> None:
    if not line.is_connected:
        return
    try:
        async with asyncio.timeout(QUIT_SECONDS):
            await line.quit()
    except (SMTPException, OSError):
        log.debug("The mail server did not say goodbye.")
    finally:
        line.close()
