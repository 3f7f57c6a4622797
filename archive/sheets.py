"""Tables as files that spreadsheets open: CSV, and Excel with dates as dates. No cell is ever a formula or a link."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from inspections import frameworks
from inspections.model import Grade, Outcome

Cell = str | int | date | Grade | Outcome | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet would calculate a cell that begins so
_TEXT_LIMIT = 32_767  # characters of one cell in Excel
MOST_ROWS = 1_048_575  # of one sheet, below its header
_NARROWEST, _HEAD, _WIDEST = 8, 18, 60  # characters
_LINE, _HIGHEST = 15, 405  # points
_PRINTED = 14  # columns that can still be read on one sheet of paper
_DAY_FORM = "yyyy-mm-dd"
_TINTS = {"best": "#CFE8CF", "good": "#E4F2DF", "weak": "#FBE8C8", "bad": "#F6D0CC"}


class Sheet(Struct, frozen=True, kw_only=True):
    """One table. Its rows may be a generator, which is read once."""

    name: str
    heads: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]
    frozen: int = 1  # columns that stay in sight
    wrapped: bool = True  # long text in several lines; else a row stays one line high
    filters: bool = True


class TooLong(ValueError):
    """More rows than a sheet of Excel holds."""


def write_csv(sheet: Sheet, to: IO[str]) -> int:
    """Write a header and the rows; open `to` with newline="". Dates are ISO, grades their keys. Returns how many rows.

    A cell that begins like a formula gets an apostrophe before it.
    """
    writer = csv.writer(to)
    writer.writerow([guarded(head) for head in sheet.heads])
    count = 0
    for count, row in enumerate(sheet.rows, start=1):  # noqa: B007 - counted after the loop
        writer.writerow([guarded(plain(cell)) for cell in row])
    return count


def write_book(
    sheets: Iterable[Sheet], to: Path | IO[bytes], *, made: datetime, most_rows: int = MOST_ROWS
) -> dict[str, int]:
    """Write a workbook and return how many rows each sheet has; the same rows and `made` give the same bytes.

    Sheets are written as they come, a row at a time, so that memory does not grow with them. Raises TooLong.
    """
    from xlsxwriter import Workbook

    # What a person may have typed is written as text, whatever it looks like.
    options = {
        "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True,
    }  # fmt: skip
    with Workbook(str(to) if isinstance(to, Path) else to, options) as book:
        book.set_properties({"created": made.replace(tzinfo=None), "title": "Ofsted Watch"})
        forms = _Forms(book)
        return {sheet.name: _written(book.add_worksheet(sheet.name), sheet, forms, most_rows) for sheet in sheets}


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(cell: Cell) -> str:
    """A cell as text for a program: ISO dates, the keys of grades, "true"; "" is unknown."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, date):
        return cell.isoformat()
    return cell.value if isinstance(cell, Grade | Outcome) else str(cell)


class _Forms:
    """The formats of a workbook: each is made once."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.day = book.add_format({"num_format": _DAY_FORM, "align": "left", "valign": "top"})
        self.text = book.add_format({"valign": "top"})
        self.lines = book.add_format({"valign": "top", "text_wrap": True})
        self.tints = {name: book.add_format({"bg_color": tint, "valign": "top"}) for name, tint in _TINTS.items()}


def _written(page: Any, sheet: Sheet, forms: _Forms, most_rows: int) -> int:
    shortest = [min(len(head), _HEAD) for head in sheet.heads]
    widths = [
        max([_NARROWEST, short, *(len(word) for word in head.split())]) + 2
        for head, short in zip(sheet.heads, shortest, strict=True)
    ]
    page.set_row(0, _LINE * max(_lines(head, width - 2) for head, width in zip(sheet.heads, widths, strict=True)))
    for column, head in enumerate(sheet.heads):
        page.write_string(0, column, head, forms.head)
    count = 0
    for count, row in enumerate(_fitting(sheet, most_rows), start=1):
        high = max((_lines(cell, _WIDEST) for cell in row if isinstance(cell, str)), default=1) if sheet.wrapped else 1
        if high > 1:  # no program finds out by itself how high a row must be
            page.set_row(count, min(_LINE * high, _HIGHEST))
        for column, cell in enumerate(row):
            _put(page, count, column, cell, forms, wrapped=high > 1)
            widths[column] = max(widths[column], _width(cell))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width, _WIDEST))
    page.freeze_panes(1, sheet.frozen)
    page.repeat_rows(0)
    page.repeat_columns(0, sheet.frozen - 1)
    page.set_landscape()
    if len(widths) <= _PRINTED:
        page.fit_to_pages(1, 0)
    if count and sheet.filters:
        page.autofilter(0, 0, count, len(sheet.heads) - 1)
    return count


def _fitting(sheet: Sheet, most_rows: int) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(sheet.rows):
        if number == most_rows:
            raise TooLong(
                f"the sheet {sheet.name} would have more than {most_rows:,} rows, which Excel cannot hold. Nothing "
                "was written. Export as .csv, or narrow the list."
            )
        yield row


def _put(page: Any, line: int, column: int, cell: Cell, forms: _Forms, *, wrapped: bool) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        page.write_boolean(line, column, cell, forms.text)
    elif isinstance(cell, date):
        page.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), forms.day)  # noqa: DTZ001 - a date
    elif isinstance(cell, Grade | Outcome):
        page.write_string(line, column, _words(cell), forms.tints.get(frameworks.tone(cell), forms.text))
    elif isinstance(cell, int):
        page.write_number(line, column, cell, forms.text)
    else:
        text = cell if len(cell) <= _TEXT_LIMIT else cell[: _TEXT_LIMIT - 1] + "…"
        page.write_string(line, column, text, forms.lines if wrapped else forms.text)


def _lines(text: str, width: int) -> int:
    """How many lines the text takes in a column of that width."""
    return sum(len(textwrap.wrap(line, width)) or 1 for line in text.split("\n"))


def _width(cell: Cell) -> int:
    if isinstance(cell, Grade | Outcome):
        return len(_words(cell)) + 1
    return max((len(line) for line in plain(cell).split("\n")), default=0) + 1


def _words(grade: Grade | Outcome) -> str:
    words = frameworks.words(grade)
    return words[:1].upper() + words[1:]
