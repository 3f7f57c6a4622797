"""Findings, kept: schema, record, outbox, search, export. The only room with SQL; no network."""

from __future__ import annotations

from archive.decisions import Deciding
from archive.keep import Keeping
from archive.model import ArchiveError, Busy, Filters, NoSpace, QueryError
from archive.outbox import Outbox
from archive.record import Recording
from archive.search import Searching
from archive.sql import Asking
from archive.whole import Whole

__all__ = ["Archive", "ArchiveError", "Busy", "Filters", "NoSpace", "QueryError"]


class Archive(Recording, Deciding, Searching, Outbox, Keeping, Asking, Whole):
    """One SQLite file with its captures: everything that was read, found, told. See `archive.store.Store.open`."""
