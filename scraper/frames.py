"""What the parent and its parsing children say to each other: frames on a pipe.

A frame is its length in four bytes, big-endian, and a msgpack body.
"""

from __future__ import annotations

import struct
from typing import IO, Any, TypeVar

import msgspec
from msgspec import Struct

from inspections.days import Day
from scraper.model import Code, Page, Reading, Source
from scraper.probe import Candidate

_LENGTH = struct.Struct(">I")
Message = TypeVar("Message")


class Limits(Struct, frozen=True, kw_only=True):
    """What one document may cost, and how long a child lives."""

    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    memory: int = 1 << 29  # bytes of address space; the largest of 120 real documents took 42 MB
    body: int = 64 << 20  # bytes of a page or document
    answer: int = 24 << 20  # bytes
    documents: int = 200  # then the child is replaced


class Start(Struct, kw_only=True):
    tables: tuple[str, ...]
    limits: Limits


class Request(Struct, kw_only=True):
    page: Page
    discover: bool = False  # how can it be read? instead of: what does it say?
    as_type: str | None = None
    source: Source | None = None


class Answer(Struct, kw_only=True):
    """A reading, or candidates, or the error in its place; `code` is None for a LookupError."""

    reading: Reading | None = None
    candidates: list[Candidate] | None = None
    message: str = ""
    code: Code | None = None
    outcome: str | None = None


def _plain(value: Any) -> str:
    if isinstance(value, Day):
        return "".join(value)  # msgspec takes str itself, not its subclasses
    raise NotImplementedError(f"no encoder for {type(value)!r}")


def _decoded(kind: type, value: Any) -> Any:
    if kind is Day:
        return Day(value)
    raise NotImplementedError(f"no decoder for {kind!r}")


def encode(message: Struct) -> bytes:
    """The body of a frame."""
    return msgspec.msgpack.encode(message, enc_hook=_plain)


def decode(body: bytes, kind: type[Message]) -> Message:
    """Raises msgspec.ValidationError for anything else."""
    return msgspec.msgpack.decode(body, type=kind, dec_hook=_decoded)


def put(stream: IO[bytes], message: Struct | bytes) -> None:
    """Writes a record, or the bytes of one, as a frame."""
    body = message if isinstance(message, bytes) else encode(message)
    stream.write(_LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes], most: int) -> bytes | None:
    """The body of the next frame; None at the end of the stream, or where the frame is longer than `most`."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > most:
        return None
    body = stream.read(length)
    return body if len(body) == length else None


def expect(stream: IO[bytes], kind: type[Message], most: int) -> Message | None:
    """The next frame as that record; None as `receive`."""
    body = receive(stream, most)
    return None if body is None else decode(body, kind)
