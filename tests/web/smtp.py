"""A mail server on a real socket: it takes letters, and misbehaves as it is told.

As much of SMTP as mail needs (RFC 5321), with STARTTLS (RFC 3207), AUTH PLAIN (RFC 4954) and 8BITMIME.
"""

import asyncio
import base64
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# This machine under a name that says nothing of it, so that it is taken for another one.
ELSEWHERE = "127.1"


@dataclass
class MailServer:
    """`answers` replaces what it says to a command: "RCPT": "550 5.1.1 Nobody of that name"; an
    empty answer hangs up instead. `taken` are the letters, as they came over the line."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("8BITMIME", "SIZE 1000000")
    tls: ssl.SSLContext | None = None
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    lines: int = 0  # how often somebody called
    secured: list[bool] = field(default_factory=list)  # whether each letter came by TLS
    logins: list[str] = field(default_factory=list)
    hold: asyncio.Event | None = None  # it says nothing after DATA until this is set

    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in self.taken]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        try:
            await _Call(self, reader, writer).hear()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


@dataclass
class _Call:
    server: MailServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    is_secure: bool = False
    recipient: str = ""

    async def hear(self) -> None:
        self.is_secure = self.writer.get_extra_info("sslcontext") is not None
        self.say(self.server.answers.get("", "220 mail.example"))
        while line := (await self.reader.readline()).decode("utf-8").rstrip("\r\n"):
            verb = line.split(" ", 1)[0].split(":", 1)[0].upper()
            self.server.commands.append(line)
            said = self.server.answers.get(verb)
            if said == "":
                return
            if said is not None:
                self.say(said)
            elif not await self.obey(verb, line):
                return

    def say(self, text: str) -> None:
        self.writer.write(text.encode() + b"\r\n")

    async def obey(self, verb: str, line: str) -> bool:
        match verb:
            case "EHLO":
                offers = [*self.server.extensions]
                if self.server.tls is not None and not self.is_secure:
                    offers.append("STARTTLS")
                said = ["mail.example", *offers]
                self.say("\r\n".join(f"250-{each}" for each in said[:-1]))
                self.say(f"250 {said[-1]}")
            case "STARTTLS":
                assert self.server.tls is not None
                self.say("220 Go ahead")
                await self.writer.drain()
                await self.writer.start_tls(self.server.tls)
                self.is_secure = True
            case "AUTH":
                _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                self.server.logins.append(f"{user}:{password}")
                self.say("235 Welcome" if password == "r/ght pass" else "535 5.7.8 Who are you?")
            case "RCPT":
                self.recipient = line.partition(":")[2].partition(" ")[0]
                self.say("250 OK")
            case "DATA":
                self.say("354 Go on")
                raw = await self.reader.readuntil(b"\r\n.\r\n")
                if self.server.hold is not None:
                    await self.server.hold.wait()
                if "END" in self.server.answers:
                    if not self.server.answers["END"]:
                        return False
                    self.say(self.server.answers["END"])
                    return True
                self.server.taken.append(raw[:-3].replace(b"\r\n..", b"\r\n."))
                self.server.recipients.append(self.recipient)
                self.server.secured.append(self.is_secure)
                self.say("250 Taken")
            case "QUIT":
                self.say("221 Goodbye")
                return False
            case _:
                self.say("250 OK")
        return True


@asynccontextmanager
async def listening(
    server: MailServer, tls_at_once: ssl.SSLContext | None = None
) -> AsyncIterator[MailServer]:
    """At a port that the machine gives, or the one it had before."""
    opened = await asyncio.start_server(
        server.answer, "127.0.0.1", server.port, ssl=tls_at_once, reuse_address=True
    )
    server.port = opened.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        opened.close()


@dataclass(frozen=True)
class Certificate:
    """One for this machine, by both its names, that nobody signed but itself."""

    server: ssl.SSLContext
    client: ssl.SSLContext  # of somebody who believes it

    @classmethod
    def made(cls, directory: Path) -> "Certificate":
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
        now = datetime.now(UTC)
        names = [x509.DNSName(ELSEWHERE), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file = directory / "mail.pem"
        file.write_bytes(pem + secret)
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.load_cert_chain(file)
        return cls(server, ssl.create_default_context(cadata=pem.decode()))
