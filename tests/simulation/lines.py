"""Connections to PostgreSQL as simulated hubs have them: counted, cut at will, and made once.

A hub opens and loses hundreds of connections in a schedule, and PostgreSQL starts a process for each.
So what a hub lets go of is swept clean and given to whoever next says the same greeting; what it has
prepared it keeps (`shortcuts.py`). Nobody gets an answer before it is clean: what a dead hub held is
free when others go on.
"""

import asyncio
import socket
import struct
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from storage.embedded import USER
from tests.simulation.shortcuts import Prepared, Shortcuts, message, messages_in

if TYPE_CHECKING:
    from tests.simulation.virtual_time import SimulatedLoop

MOST_SERVERS = 60  # kept for whoever comes next; PostgreSQL allows some more for tests
_SYNC = b"S\0\0\0\4"  # ends what was asked for by halves
# As `discard all`, without what is prepared; of temporary things hubs have none.
_SWEEP = b"rollback", b"close all; unlisten *; select pg_advisory_unlock_all(); reset all"


class Server:
    """One process of PostgreSQL, and how it greeted."""

    def __init__(self, path: str, startup: bytes) -> None:
        self.key = (path, startup)
        self.due = 0  # ReadyForQuery that are on their way
        self.prepared = Prepared()
        self._unread = bytearray()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.sendall(startup)
        self.due = 1
        self.greeting, self.pid = b"", 0
        while self.due:
            said = self.socket.recv(65_536)
            self.greeting += said
            for name, body in self.messages(said):
                if name == b"K":
                    (self.pid,) = struct.unpack("!i", body[:4])
                elif name == b"E" or not said:
                    raise ConnectionRefusedError(bytes(body))

    def messages(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """Those that are complete by now."""
        self._unread += data
        unread, at, found = self._unread, 0, []
        while len(unread) - at >= 5:
            length = 1 + int.from_bytes(unread[at + 1 : at + 5])
            if len(unread) - at < length:
                break
            name = bytes(unread[at : at + 1])
            found.append((name, bytes(unread[at + 5 : at + length])))
            self.due -= name == b"Z"
            self.prepared.heard(name)
            at += length
        del unread[:at]
        return found

    def ask(self, question: bytes) -> list[list[bytes | None]]:
        """In its own time: rows of texts."""
        self.due += 1
        self.socket.sendall(_query(question))
        rows: list[list[bytes | None]] = []
        wrong = b""
        while self.due:
            for name, body in self.messages(self.socket.recv(65_536)):
                if name == b"D":
                    rows.append(_row(body))
                elif name == b"E":
                    wrong = wrong or body
        if wrong:
            raise RuntimeError(wrong.replace(b"\0", b" ").decode())
        return rows

    def sweep(self) -> None:
        """Asked for; it is clean when nothing is due."""
        self.due += 1 + len(_SWEEP)
        self.socket.sendall(_SYNC + b"".join(map(_query, _SWEEP)))

    def finish(self) -> None:
        """Waits, in its own time."""
        while self.due:
            self.messages(self.socket.recv(65_536))


class Servers:
    """Those that nobody has at the moment, by their greeting, of one PostgreSQL."""

    def __init__(self, directory: Path) -> None:
        self.path = str(directory / ".s.PGSQL.5432")
        self._spare: OrderedDict[Server, None] = OrderedDict()  # the one given back first is first
        self._taken = 0
        self._beside: dict[str, Server] = {}

    def take(self, path: str, startup: bytes) -> Server:
        self._taken += 1
        key = (path, startup)
        for spare in reversed(self._spare):
            if spare.key == key:
                del self._spare[spare]
                return spare
        self._keep_few()
        return Server(path, startup)

    def plan_anew(self) -> None:
        """What is prepared: a plan is made for the rows that there are, and says in which order they
        are met. Whoever goes the same way meets them so."""
        for server in self._spare:
            server.ask(b"discard plans")

    def give_back(self, server: Server) -> None:
        self._taken -= 1
        self._spare[server] = None
        self._keep_few()

    def _keep_few(self) -> None:
        while len(self._spare) + self._taken > MOST_SERVERS and self._spare:
            oldest, _ = self._spare.popitem(last=False)
            oldest.socket.close()

    def lose(self, server: Server) -> None:
        self._taken -= 1
        server.socket.close()

    def beside(self, database: str) -> Server:
        """Ours, to ask in real time."""
        if database not in self._beside:
            words = f"user\0{USER}\0database\0{database}\0\0".encode()
            startup = struct.pack("!ii", 8 + len(words), 196_608) + words
            self._beside[database] = Server(self.path, startup)
        return self._beside[database]

    def waiting_for_locks(self) -> set[int]:
        rows = self.beside("postgres").ask(b"select pid from pg_locks where not granted")
        return {int(pid) for (pid,) in rows if pid is not None}

    def close(self) -> None:
        for server in (*self._spare, *self._beside.values()):
            server.socket.close()
        self._spare.clear()
        self._beside.clear()


class Line:
    """One connection of asyncpg's. It counts what was asked and what was answered."""

    def __init__(self, loop: "SimulatedLoop", asyncpg: Any, path: str, doer: str | None) -> None:
        self.loop, self.doer = loop, doer
        self.is_cut = False
        self.awaited = 0
        self.kept = bytearray()
        self.server: Server | None = None
        self._shortcuts = Shortcuts(Prepared())
        self._asyncpg, self._path = asyncpg, path
        self._is_describing = False
        self._is_told = False
        self.outgoing = _Outgoing(self)

    # ── from the server ──────────────────────────────────────────────────────────────────────────

    def _readable(self) -> None:
        server = self.server
        assert server is not None
        data = _received(server)
        if not data:
            self.cut(is_lost=True)
            return
        for name, body in self._shortcuts.heard(server.messages(data)):
            self.kept += message(name, body)
            # ReadyForQuery, or what ends the description of a statement where that alone was asked
            # for (Flush).
            if self._is_describing and name in b"TnE":
                self._is_describing = False
                self.awaited -= 1
            self.awaited -= name == b"Z"

    def hand_on(self) -> None:
        if self.kept and not self.is_cut:
            given, self.kept = bytes(self.kept), bytearray()
            self._asyncpg.data_received(given)

    # ── to it ────────────────────────────────────────────────────────────────────────────────────

    def send(self, data: bytes) -> None:
        if self.is_cut:
            return
        if self.server is None:
            self._greet(data)
            return
        names = b"".join(name for name, _ in messages_in(data))
        if names == b"X":
            self.cut(is_lost=True)
            return
        questions = sum(name in b"SQH" for name in names)
        fault = None
        if questions and self.doer is not None:
            self.loop.note_question(f"{self.doer} {names.decode()} {_digest_of(data):08x}")
            if self.loop.watch is not None:
                fault = self.loop.watch(self.doer, b"COMMIT;" in data)
        if self.is_cut:  # by whoever was asked: the hub is gone
            return
        if fault is not None and fault.is_before:
            self.cut(is_lost=True)
            return
        told = self._shortcuts.onward(data)
        if told:
            self.server.due += sum(name in b"SQ" for name, _ in messages_in(told))
            self.server.socket.sendall(told)
            self._is_describing = self._is_describing or ord("H") in names
            self.awaited += questions
        else:
            self.kept += b"".join(message(*each) for each in self._shortcuts.answers())
        if fault is not None:
            self.cut(is_lost=True)

    def _greet(self, startup: bytes) -> None:
        self.server = self.loop.servers.take(self._path, startup)
        self._shortcuts = Shortcuts(self.server.prepared)
        self.kept += self.server.greeting
        self.loop.lines.append(self)
        self.loop.add_reader(self.server.socket, self._readable)

    def cut(self, *, is_lost: bool = False) -> None:
        """Nothing comes back any more. The server does what it was sent, and then hears that nobody
        is there. `is_lost`: whoever asked lives, and hears so too."""
        if not self.is_cut:
            self.is_cut = True
            self.awaited = 0
            self.kept.clear()
            if self in self.loop.lines:
                self.loop.lines.remove(self)
            if self.server is not None:
                self.loop.remove_reader(self.server.socket)
                Sweeping(self.loop, self.server).begin()
        if is_lost and not self.loop.is_closed():
            self.loop.call_soon(self.tell_that_it_is_cut)

    def tell_that_it_is_cut(self) -> None:
        """Whoever waits at the other end hears so."""
        if not self._is_told:
            self._is_told = True
            self._asyncpg.connection_lost(ConnectionResetError("The line was cut."))


class Sweeping:
    """Of a server that somebody let go of: until it is clean, nobody is answered."""

    def __init__(self, loop: "SimulatedLoop", server: Server) -> None:
        self.loop, self.server = loop, server

    def begin(self) -> None:
        self.loop.sweeping.append(self)
        try:
            self.server.sweep()
        except OSError:
            self._end(is_clean=False)
        else:
            self.loop.add_reader(self.server.socket, self._readable)

    def _readable(self) -> None:
        data = _received(self.server)
        self.server.messages(data)
        if not data or not self.server.due:
            self.loop.remove_reader(self.server.socket)
            self._end(is_clean=bool(data))

    def end_now(self) -> None:
        self.loop.remove_reader(self.server.socket)
        self.server.finish()
        self._end(is_clean=True)

    def _end(self, *, is_clean: bool) -> None:
        self.loop.sweeping.remove(self)
        servers = self.loop.servers
        if is_clean:
            servers.give_back(self.server)
        else:
            servers.lose(self.server)


class _Outgoing(asyncio.Transport):
    """The transport as asyncpg has it."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def write(self, data: Any) -> None:
        self._line.send(bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(bytes(each) for each in list_of_data))

    def close(self) -> None:
        self._line.cut(is_lost=True)

    abort = close

    def is_closing(self) -> bool:
        return self._line.is_cut

    def pause_reading(self) -> None:
        """Everything is here already."""

    resume_reading = pause_reading


class Unheard(asyncio.Transport):
    """Where asyncpg asks that a question be dropped: the server is always done already."""

    def __init__(self, loop: asyncio.AbstractEventLoop, asking: asyncio.BaseProtocol) -> None:
        super().__init__()
        self._loop, self._asking = loop, asking

    def write(self, data: Any) -> None:
        self._loop.call_soon(self._asking.connection_lost, None)

    def close(self) -> None:
        """There is nothing to close."""


def _received(server: Server) -> bytes:
    try:
        return server.socket.recv(1 << 20, socket.MSG_DONTWAIT)
    except BlockingIOError:
        raise AssertionError("It was said that there is something.") from None
    except OSError:
        return b""


def _query(words: bytes) -> bytes:
    return message(b"Q", words + b"\0")


def _row(body: bytes) -> list[bytes | None]:
    row: list[bytes | None] = []
    at = 2
    for _ in range(int.from_bytes(body[:2])):
        (length,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        row.append(None if length < 0 else body[at : at + length])
        at += max(length, 0)
    return row


def _digest_of(data: bytes) -> int:
    """Of the words of the statement, where there are any; not its name, which counts on, nor the
    values, some of which are PostgreSQL's own dice."""
    if data[:1] == b"P":
        return crc32(data[5 : 1 + int.from_bytes(data[1:5])].partition(b"\0")[2])
    return crc32(data) if data[:1] == b"Q" else 0
