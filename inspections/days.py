"""Days as people print them: whole, to the month, or without a year."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange

_PRINTED = re.compile(r"(?P<year>\d{4}|XXXX)-(?P<month>\d{2})(?:-(?P<day>\d{2}))?\Z")


class Day(str):
    """A day as a source states it: "2024-05-24"; to the month, "2022-01"; without its year, "XXXX-04-23" or "XXXX-03".

    It is that text (the Extended Date/Time Format), so it sorts by time, those without a year last. Raises ValueError
    for any other text, and for a day that the calendar does not have.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Day:
        found = _PRINTED.match(text)
        if not found:
            raise ValueError(f"{text!r} is not a day: expected 2024-05-24, 2024-05, XXXX-05-24 or XXXX-05")
        year = 2000 if found["year"] == "XXXX" else int(found["year"])  # 2000 had a 29 February
        dt.date(year, int(found["month"]), int(found["day"] or 1))
        return super().__new__(cls, text)

    @classmethod
    def of(cls, year: int | None, month: int, day: int | None = None) -> Day:
        written = ("XXXX" if year is None else f"{year:04d}") + f"-{month:02d}"
        return cls(written if day is None else f"{written}-{day:02d}")

    @property
    def year(self) -> int | None:
        return None if self.startswith("X") else int(self[:4])

    @property
    def month(self) -> int:
        return int(self[5:7])

    @property
    def day(self) -> int | None:
        return int(self[8:]) if len(self) > 7 else None

    @property
    def date(self) -> dt.date | None:
        """The calendar date, when year and day are both stated."""
        return dt.date.fromisoformat(self) if self.year and self.day else None

    @property
    def first(self) -> dt.date | None:
        """The earliest date that it can mean; None without a year."""
        return dt.date(self.year, self.month, self.day or 1) if self.year else None

    @property
    def last(self) -> dt.date | None:
        """The latest date that it can mean; None without a year."""
        return dt.date(self.year, self.month, self.day or monthrange(self.year, self.month)[1]) if self.year else None

    def within_year_before(self, latest: dt.date) -> Day:
        """The same day in the newest year in which it begins on or before `latest`; itself where it has a year."""
        if self.year:
            return self
        for year in range(latest.year, latest.year - 9, -1):
            leap_only = self.month == 2 and self.day == 29 and monthrange(year, 2)[1] == 28
            if not leap_only and dt.date(year, self.month, self.day or 1) <= latest:
                return Day.of(year, self.month, self.day)
        return self
