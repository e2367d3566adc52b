"""The file of a backup: what is in it, and whether all of it is there and as it was written.

A ZIP of `manifest.json` and, for each table, `tables/<name>`: what PostgreSQL's COPY says of it as
text, which any version of PostgreSQL reads. The manifest has the number of rows and the SHA-256 of
each. `secret.key` is in it where that was asked for.

It appears under its name when it is whole and on the disk, for its owner alone. Who writes it is
`storage/backup.py`, and who reads it back `storage/backup_restoring.py`.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, ClassVar

from domain.errors import Problem

FORMAT = 1
MANIFEST = "manifest.json"
SECRET = "secret.key"  # noqa: S105 - a name in the file
MOST_MANIFEST_BYTES = 8 * 1024 * 1024
READ_BYTES = 256 * 1024
LEVEL = 6  # of deflate: beyond it there is little to be had
_OLDEST = (1980, 1, 1, 0, 0, 0)  # the date of each member; when it was made is in the manifest


class BackupProblem(Problem):
    """A backup cannot be made or used; the message says what to do."""

    code: ClassVar[str] = "BACKUP"


@dataclass(frozen=True, slots=True)
class TableTold:
    """What the manifest says of one table."""

    name: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SequenceTold:
    name: str
    last: int
    is_called: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """`revision` is that of the tables (`storage/migrating.py`); `left_out` names those whose rows
    no backup has."""

    made_at: datetime
    software: str
    revision: str
    hub_id: str
    hub_name: str
    authority: str
    tables: tuple[TableTold, ...]
    sequences: tuple[SequenceTold, ...]
    left_out: tuple[str, ...]
    has_secret: bool = False

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


class BackupWriter:
    """`table(name)` for each, one after the other, and `close(manifest)` at the end."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @contextmanager
    def table(self, name: str) -> Iterator["TableStream"]:
        with self._archive.open(_member(f"tables/{name}"), "w", force_zip64=True) as member:
            yield TableStream(member)

    def keep_secret(self, secret: bytes) -> None:
        self._archive.writestr(_member(SECRET), secret)

    def close(self, manifest: Manifest) -> None:
        told = {"format": FORMAT, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
        self._archive.writestr(_member(MANIFEST), json.dumps(told, indent=1, ensure_ascii=False))


class TableStream:
    """What COPY says, on its way into the file (or nowhere), counted. A line is a row: COPY escapes
    line ends."""

    def __init__(self, member: IO[bytes] | None) -> None:
        self._member = member
        self._sum = hashlib.sha256()
        self.rows = 0
        self.bytes = 0

    async def write(self, data: bytes) -> None:
        if self._member is not None:
            self._member.write(data)
        self._sum.update(data)
        self.rows += data.count(b"\n")
        self.bytes += len(data)

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()


@contextmanager
def written(file: Path) -> Iterator[BackupWriter]:
    """A new file, which is there when the block has ended well, and otherwise is not."""
    draft = file.with_name(f".{file.name}.part")
    try:
        with _new(draft, file) as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
                yield BackupWriter(archive)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)  # never takes the place of another
        _keep_name(file.parent)
    except FileExistsError:
        raise BackupProblem(f"{file} is there already. Name another file.") from None
    except OSError as error:
        raise BackupProblem(
            f"The backup cannot be written to {file}: {error.strerror or error}. Nothing of it was "
            "kept. Make room there, or name another place."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _new(draft: Path, file: Path) -> Iterator[IO[bytes]]:
    if file.exists():
        raise FileExistsError
    # What a killed backup left has nobody who writes it.
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as out:
        yield out


def _keep_name(directory: Path) -> None:
    """The name is in the directory, which is on the disk when it is told so."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class BackupFile:
    """A backup to read: `manifest`, and what COPY said of each table."""

    def __init__(self, file: Path, archive: zipfile.ZipFile) -> None:
        self.file = file
        self._archive = archive
        self.manifest = _manifest(archive)

    def chunks(self, table: TableTold) -> Iterator[bytes]:
        """All of it, or BackupProblem at its end where it is not what was written."""
        found, rows = hashlib.sha256(), 0
        with self._archive.open(f"tables/{table.name}") as member:
            while data := member.read(READ_BYTES):
                found.update(data)
                rows += data.count(b"\n")
                yield data
        if (rows, found.hexdigest()) != (table.rows, table.sha256):
            raise damaged(self.file, f"the table {table.name} is not what was written")

    def check(self) -> None:
        """Reads all of it. Raises BackupProblem where something is missing or was changed."""
        for table in self.manifest.tables:
            for _ in self.chunks(table):
                continue

    def secret(self) -> bytes | None:
        return self._archive.read(SECRET) if self.manifest.has_secret else None


@contextmanager
def opened(file: Path) -> Iterator[BackupFile]:
    """Raises BackupProblem wherever it turns out to be no backup, or not a whole one."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield BackupFile(file, archive)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        raise damaged(file, str(error) or "it ends too early") from error
    except FileNotFoundError:
        raise BackupProblem(f"There is no {file}. Name the file of a backup.") from None
    except OSError as error:
        raise BackupProblem(f"{file} cannot be read: {error.strerror or error}.") from error


def damaged(file: Path, why: str) -> BackupProblem:
    return BackupProblem(
        f"{file} is no whole backup: {why}. Nothing was changed. Use another copy of it."
    )


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _OLDEST)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    file = Path(archive.filename or "")
    if MANIFEST not in archive.namelist():
        raise damaged(file, "it has no manifest")
    if archive.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
        raise damaged(file, "its manifest is none")
    try:
        told = json.loads(archive.read(MANIFEST))
        known = told["format"] == FORMAT
        if known:
            return _manifest_of(told)
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(file, "its manifest cannot be read") from error
    raise BackupProblem(f"{file} was written by a newer Convoke. Update this one, and try again.")


def _manifest_of(told: dict[str, Any]) -> Manifest:
    return Manifest(
        made_at=datetime.fromisoformat(told["made_at"]),
        software=str(told["software"]),
        revision=str(told["revision"]),
        hub_id=str(told["hub_id"]),
        hub_name=str(told["hub_name"]),
        authority=str(told["authority"]),
        tables=tuple(
            TableTold(
                str(each["name"]),
                tuple(map(str, each["columns"])),
                int(each["rows"]),
                int(each["bytes"]),
                str(each["sha256"]),
            )
            for each in told["tables"]
        ),
        sequences=tuple(
            SequenceTold(str(each["name"]), int(each["last"]), bool(each["is_called"]))
            for each in told["sequences"]
        ),
        left_out=tuple(map(str, told["left_out"])),
        has_secret=bool(told["has_secret"]),
    )
