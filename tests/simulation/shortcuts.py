"""What a line need not ask its server, though whoever asks is answered as if it had.

Statements that the server has prepared for somebody before stay prepared, and planned for as long as a
schedule lasts: hubs begin and end all the time, and the same statements are all that they know. A
transaction is begun together with its first question. That something moved is told to nobody.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from hashlib import md5

Message = tuple[bytes, bytes]  # its letter, and what follows its length
# It comes when PostgreSQL likes, and no seed says when: hubs here look by themselves.
NOTIFICATION = b"A"
_PARSED, _CLOSED, _READY = b"1", b"3", b"Z"
_BEGIN, _NOTIFY = b"BEGIN ", b"notify convoke_moved"


class Prepared:
    """By one process of PostgreSQL."""

    def __init__(self) -> None:
        self.names: set[bytes] = set()
        self._under_way: deque[bytes] = deque()

    def asked(self, name: bytes) -> None:
        self._under_way.append(name)

    def heard(self, letter: bytes) -> None:
        if letter == _PARSED and self._under_way:
            self.names.add(self._under_way.popleft())
        elif letter == b"E":
            self._under_way.clear()


class Shortcuts:
    """Of one line, to a server that has prepared so much."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._names: dict[bytes, bytes] = {}  # asyncpg's, and what the server calls them
        self._owed: list[Message] = []  # answers of ours, before the server's next one
        self._begin = b""
        self._is_beginning = False
        self._is_within = False  # a transaction

    def onward(self, data: bytes) -> bytes:
        """What goes to the server; nothing where `answers` are all there is to be said."""
        return b"".join(self._onward(letter, body) for letter, body in messages_in(data))

    def answers(self) -> Iterator[Message]:
        owed, self._owed = self._owed, []
        yield from owed

    def heard(self, messages: Iterable[Message]) -> Iterator[Message]:
        """What the server says, and whoever asked may hear."""
        for letter, body in messages:
            if self._is_beginning:
                self._is_beginning = letter != _READY
            elif letter != NOTIFICATION:
                yield from self.answers()
                if letter == _READY:
                    self._is_within = body != b"I"
                yield letter, body

    def _onward(self, letter: bytes, body: bytes) -> bytes:
        if letter == b"Q" and not self._is_within:
            if body.startswith(_BEGIN):
                self._begin, self._is_within = message(letter, body), True
                self._owed += [(b"C", b"BEGIN\0"), (_READY, b"T")]
                return b""
            if body == _NOTIFY + b"\0":
                self._owed += [(b"C", b"NOTIFY\0"), (_READY, b"I")]
                return b""
        said = self._said(letter, body)
        if self._begin and said:
            said, self._begin, self._is_beginning = self._begin + said, b"", True
        return said

    def _said(self, letter: bytes, body: bytes) -> bytes:
        match letter:
            case b"P" if body[:1] != b"\0":
                return self._parse(body)
            case b"D" if body[:1] == b"S":
                return message(letter, b"S" + self._name(body[1:-1]) + b"\0")
            case b"B":
                portal, name, rest = body.split(b"\0", 2)
                return message(letter, b"\0".join((portal, self._name(name), rest)))
            case b"C" if body[:1] == b"S" and body[1:-1] in self._names:
                del self._names[body[1:-1]]
                self._owed.append((_CLOSED, b""))
                return b""
            case _:
                return message(letter, body)

    def _parse(self, body: bytes) -> bytes:
        name, _, words = body.partition(b"\0")
        theirs = self._names[name] = md5(words, usedforsecurity=False).hexdigest().encode()
        if theirs in self._prepared.names:
            self._owed.append((_PARSED, b""))
            return b""
        self._prepared.asked(theirs)
        return message(b"P", theirs + b"\0" + words)

    def _name(self, name: bytes) -> bytes:
        return self._names.get(name, name)


def message(letter: bytes, body: bytes) -> bytes:
    return letter + (4 + len(body)).to_bytes(4) + body


def messages_in(data: bytes) -> Iterator[Message]:
    """Whole ones (postgresql.org/docs/current/protocol-message-formats.html)."""
    at = 0
    while at + 5 <= len(data):
        end = at + 1 + int.from_bytes(data[at + 1 : at + 5])
        yield data[at : at + 1], data[at + 5 : end]
        at = end
