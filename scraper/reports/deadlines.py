"""Days that a document sets by counting: working days of England, and months from an inspection."""

from __future__ import annotations

from datetime import date, timedelta

from inspections.days import Day

# Bank holidays of England and Wales that no rule gives, and the first Monday in May that was moved in 2020.
_PROCLAIMED = {date(2020, 5, 8), date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)}
_MOVED = {date(2020, 5, 4), date(2022, 5, 30)}


def after_working_days(start: date, number: int) -> date:
    """The day that is so many working days of England after `start`, which is not counted."""
    day = start
    while number:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in _holidays(day.year):
            number -= 1
    return day


def after_months(start: Day, number: int) -> Day | None:
    """The month that lies so many months after a day; None where the day has no year."""
    if start.year is None:
        return None
    years, month = divmod(start.month - 1 + number, 12)
    return Day.of(start.year + years, month + 1)


def _holidays(year: int) -> set[date]:
    easter = _easter(year)
    moving = {easter - timedelta(days=2), easter + timedelta(days=1)}
    moving |= {_monday(date(year, 5, 1)), _monday(date(year, 5, 25)), _monday(date(year, 8, 25))}
    new_year = date(year, 1, 1)
    fixed = {new_year if new_year.weekday() < 5 else _monday(new_year)}
    christmas = [date(year, 12, 25), date(year, 12, 26)]
    free = [date(year, 12, day) for day in (27, 28, 29) if date(year, 12, day).weekday() < 5]
    fixed |= {day for day in christmas if day.weekday() < 5}
    fixed |= set(free[: sum(day.weekday() > 4 for day in christmas)])
    return ((moving | fixed) - _MOVED) | {day for day in _PROCLAIMED if day.year == year}


def _monday(day: date) -> date:
    """The first Monday on or after a day."""
    return day + timedelta(days=-day.weekday() % 7)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Anonymous algorithm, as Meeus gives it)."""
    golden, century, rest = year % 19, *divmod(year, 100)
    leap, shift = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - correction + 15) % 30
    quarter, left = divmod(rest, 4)
    weekday = (32 + 2 * shift + 2 * quarter - epact - left) % 7
    lift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * lift + 114, 31)
    return date(year, month, day + 1)
