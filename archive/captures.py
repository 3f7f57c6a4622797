"""The original bytes, beside the database: one file for each content, named by its SHA-256, compressed by zstd."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from archive.model import ArchiveError, NoSpace

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LEVEL = 10  # 181 pages of 31.5 MB: 5.6 times smaller at 65 MB/s; level 19 gains 5 % and is 17 times slower
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_KEPT_WITHOUT_ROW = timedelta(days=7)


class Captures:
    """The folder of captures. A file without a row in the archive is harmless; a row is written after its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError(f"{sha256!r} is not a SHA-256: expected 64 hexadecimal digits")
        return self.folder / sha256[:2] / f"{sha256}.zst"

    def put(self, body: bytes) -> str:
        """Keep these bytes and return their SHA-256. When it returns, they outlast a power cut."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = self.path(sha256)
        if path.is_symlink() or not path.exists():  # a link is not followed: somebody else's file is no capture
            _written(path, zstd.compress(body, _LEVEL))
            sync_folder(self.folder)
        return sha256

    def refuse(self, source: str, body: bytes) -> Path:
        """Keep the last page of this source that could not be read, as it came, for whoever mends the declaration."""
        path = self.refused(source)
        _written(path, body)
        return path

    def refused(self, source: str) -> Path:
        """Where the last page of this source that could not be read lies, if there is one."""
        return self.folder / "refused" / hashlib.sha256(source.encode("utf-8")).hexdigest()[:16]

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises ArchiveError where the file is missing or holds other bytes."""
        path = self.path(sha256)
        try:
            with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as file:
                body: bytes = zstd.decompress(file.read())
        except FileNotFoundError:
            raise ArchiveError(f"the capture {path} is missing: restore it from a backup") from None
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise ArchiveError(
                f"the capture {path} is a link, which is not followed: restore it from a backup"
            ) from None
        except zstd.ZstdError as error:
            raise ArchiveError(f"the capture {path} is damaged ({error}): restore it from a backup") from error
        if hashlib.sha256(body).hexdigest() != sha256:
            raise ArchiveError(f"the capture {path} holds other bytes than its name says: restore it from a backup")
        return body

    def names(self) -> Iterator[str]:
        """The SHA-256 of every file there is."""
        for path in self.folder.glob("??/*.zst"):
            yield path.stem

    def remove_unless(self, wanted: set[str], now: datetime) -> int:
        """Delete files that no row names and that are older than a week, half-written ones too; how many."""
        oldest = (now - _KEPT_WITHOUT_ROW).timestamp()
        gone = 0
        for path in [*self.folder.glob("??/*.zst"), *self.folder.glob("??/.*.part")]:
            if path.stem not in wanted and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
                gone += 1
        return gone


def _written(path: Path, content: bytes) -> None:
    """Put the file in its place at once and for good: its owner's alone, or its group's where the folder is."""
    inside, above = path.parent, path.parent.parent
    above.mkdir(mode=0o700, parents=True, exist_ok=True)
    open_to = above.stat().st_mode & 0o750
    inside.mkdir(mode=open_to, exist_ok=True)
    if inside.is_symlink():
        raise ArchiveError(f"{inside} is a link, through which nothing is written. Put the folder back in its place.")
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            os.fchmod(file.fileno(), open_to & 0o640)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise NoSpace(f"{path} could not be written ({error.strerror}). Free space on the disk.") from error
        raise
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in this folder outlast a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
