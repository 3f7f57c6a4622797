"""Stories to messages: one for one inspection, one for many, and the notice to the operator."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from alerts import payload, rendering
from alerts.model import DeliverySettings, Message
from alerts.story import Story
from alerts.subject import subject
from alerts.view import view
from alerts.when import LONDON, is_worst_news
from inspections import compare, contract
from inspections.model import Inspection
from inspections.said import MONTHS, one_line, who

__all__ = ["Story", "digest", "message", "notice"]

_log = logging.getLogger(__name__)
_DEFAULT = DeliverySettings()
_SHORT_LINKS, _SHORT_ROWS = 2, 8


def message(key: str, story: Story, *, now: datetime, settings: DeliverySettings = _DEFAULT) -> Message:
    """The message on one inspection. It follows, in its thread, the first one that the recipient had on it."""
    given = {"story": view(story)} | _every(now, story.subscriptions, settings)
    data = _item(story) | {"why": _why([story])}
    return _made(
        key, story.news.type, subject(story), "message", given, data, now, settings,
        short=_short([story]), in_reply_to=(story.told.message or None) if story.told else None,
    )  # fmt: skip


def digest(
    key: str,
    stories: Sequence[Story],
    *,
    now: datetime,
    settings: DeliverySettings = _DEFAULT,
    also: Sequence[str] = (),
    unseen: Sequence[str] = (),
) -> Message:
    """Many inspections in one message, the gravest first: a digest, or what came together in a storm.

    also: subjects of what the recipient was told at once, or of what is no news: a line each, never told as news.
    unseen: a sentence for each source of theirs that cannot be read just now.
    """
    stories = sorted(stories, key=_gravity)
    given = {
        "stories": [view(each) for each in stories],
        "also": [{"headline": one_line(each, 400)} for each in also],
        "unseen": [one_line(each, 400) for each in unseen],
        "headline": _summary(stories),
    } | _every(now, [name for each in stories for name in each.subscriptions], settings)
    items = [{"type": each.news.type, **_item(each), "why": each.news.why} for each in stories]
    data = {"items": items, "why": _why(stories)}
    return _made(
        key,
        "digest",
        f"{_summary(stories)} ({_date(now)})",
        "digest",
        given,
        data,
        now,
        settings,
        short=_short(stories),
    )


def notice(
    key: str, title: str, text: str, *, now: datetime, settings: DeliverySettings = _DEFAULT,
    subscriptions: Sequence[str] = (),
) -> Message:  # fmt: skip
    """What the operator should know, or the owner of these subscriptions. Empty lines divide the text's paragraphs."""
    paragraphs = [one_line(each, 4000) for each in re.split(r"\n\s*\n", text) if each.strip()]
    title = one_line(title, 200)
    data = {"notice": {"title": title, "paragraphs": paragraphs}, "attribution": ""}
    given = {"title": title, "paragraphs": paragraphs} | _every(now, subscriptions, settings)
    return _made(
        key, "operator", f"Ofsted Watch: {title}", "notice", given, data, now, settings,
        short="\n".join([title, *paragraphs[:2]]),
    )  # fmt: skip


def _made(
    key: str, type: str, title: str, template: str, given: Mapping[str, Any], data: dict[str, Any], now: datetime,
    settings: DeliverySettings, *, short: str, in_reply_to: str | None = None,
) -> Message:  # fmt: skip
    given = {"subject": title, "type": type} | dict(given)
    try:
        text = rendering.render(f"{template}.txt", given, settings.templates)
        html = rendering.render(f"{template}.html", given, settings.templates)
    except Exception:  # one odd record must not hold up the queue: it goes out plain
        _log.exception("the message %s could not be laid out and goes out in its short form", key)
        text, html = short, ""
    return Message(
        key=key, type=type, subject=title, text=text, html=html, payload=payload.envelope(type, data, now),
        short=short, in_reply_to=in_reply_to, created_at=now,
    )  # fmt: skip


def _item(story: Story) -> dict[str, Any]:
    return {
        "inspection": contract.inspected(story.inspection),
        "changes": contract.changed(compare.changes(story.inspection)),
        "links": payload.links(story.claims),
    }


def _why(stories: Sequence[Story]) -> str:
    """Why this recipient hears of it: what is new to them, and whose filter it passed."""
    new = stories[0].news.why if len(stories) == 1 else f"{len(stories)} inspections hold something new to you."
    names = list(dict.fromkeys(one_line(name, 80) for each in stories for name in each.subscriptions))
    return f"{new} Subscription: {', '.join(names)}." if names else new


def _every(now: datetime, subscriptions: Sequence[str], settings: DeliverySettings) -> dict[str, Any]:
    """What every template is given."""
    operator = settings.operator or ""
    return {
        "operator": one_line(operator, 120) if "@" in operator and "://" not in operator else "",
        "date": _date(now),
        "subscriptions": list(dict.fromkeys(one_line(name, 80) for name in subscriptions)),
        "attribution": payload.ATTRIBUTION,
    }


def _short(stories: Sequence[Story]) -> str:
    """A few lines for a chat or a telephone: what is different or the grades, and where to read it."""
    if len(stories) > 1:
        told = [(subject(each), [link["url"] for link in payload.links(each.claims)[:1]]) for each in stories]
        return "\n".join(line for title, where in told for line in (title, *where))
    story, shown = stories[0], view(stories[0])
    lines = [shown["standfirst"]]
    lines += [f"{each['area']}: {shown['told_as']} {each['told']}; now {each['now']}" for each in shown["differences"]]
    for row in shown["rows"][:_SHORT_ROWS]:
        before = f"{row['before']} → " if row["before"] and row["direction"] != "same" else ""
        lines.append(f"{row['shape']} {row['area']}: {before}{row['after']}")
    lines += [f"Priority action: {each}" for each in shown["priority_actions"][:_SHORT_ROWS]]
    lines += [each["url"] for each in payload.links(story.claims)[:_SHORT_LINKS]]
    return "\n".join(lines)


def _summary(stories: Sequence[Story]) -> str:
    """ "12 Ofsted outcomes: 3 worse, 4 better – Northbridge children's services, …"."""
    moved = Counter(_direction(each.inspection) for each in stories)
    counted = [f"{moved[way]} {word}" for way, word in (("down", "worse"), ("up", "better")) if moved[way]]
    count = f"{len(stories)} Ofsted outcome{'s' if len(stories) != 1 else ''}"
    names = list(dict.fromkeys(who(each.inspection) for each in stories))
    if len(names) == 1:
        return f"{count}: {names[0]}"
    return f"{count}: {', '.join(counted)}" if counted else count


def _direction(inspection: Inspection) -> str | None:
    """Where the inspection as a whole moved: by its overall grade, else by its areas where they agree."""
    changes = {change.area: change.direction for change in compare.changes(inspection)}
    if "overall" in changes:
        return changes["overall"]
    ways = {way for way in changes.values() if way in ("up", "down")}
    return ways.pop() if len(ways) == 1 else None


def _gravity(story: Story) -> int:
    """The order of a digest: the worst news, worse, better, unchanged, without a grade."""
    if is_worst_news(story.inspection):
        return 0
    return {"down": 1, "up": 2, "same": 3, None: 4}[_direction(story.inspection)]


def _date(now: datetime) -> str:
    local = now.astimezone(LONDON)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"
