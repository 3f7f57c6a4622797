"""A message that was, or would be, sent, as each channel shows it."""

from __future__ import annotations

import json
from datetime import datetime

from alerts.model import Message
from alerts.news import PUBLISHED, News, news, told_after
from alerts.wording import Story, message
from inspections.compare import contrasts
from inspections.model import from_json
from service.assembly import UnknownName, Watch


def preview(watch: Watch, name: str, now: datetime) -> Message:
    """The message of that key as it was frozen; of an event, what somebody would be told who knew what was before it.

    Of an inspection, its latest event. Raises UnknownName.
    """
    row = watch.archive.message(name)
    if row is not None:
        return from_json(row.content, Message)
    about = name.rpartition(".")[0] if watch.archive.inspection(name) is None else name
    kept = [one for one in watch.archive.events(inspection=about) if name in (about, one.id)]
    inspection = watch.archive.inspection(about) if about else None
    if inspection is None or (name != about and not kept):
        raise UnknownName(
            f"no message, event or inspection is called {name!r}; `ofsted-watch alerts list` shows keys, "
            "`ofsted-watch inspections` ids."
        )
    event = kept[0].event if kept else None
    if event is not None:
        inspection = event.inspection
    told = told_after(event.earlier) if event and event.earlier else None
    claims = [one for one in watch.archive.claims_of(about) if one.id in inspection.claims]
    story = Story(
        inspection=inspection,
        news=news(told, inspection) or news(None, inspection) or News(type=PUBLISHED, reason="stage"),
        told=told,
        claims=tuple(claims),
        contrasts=tuple(contrasts(claims, inspection)),
        publishers=watch.publishers,
    )
    return message(f"{about}.preview", story, settings=watch.sending, now=now)


def shown(worded: Message) -> str:
    """Every channel's form, one after the other; HTML is for a browser and is not among them."""
    body = json.dumps(worded.payload, ensure_ascii=False, indent=2)
    parts = [
        ("Mail", f"Subject: {worded.subject}\n\n{worded.text}"),
        ("Chat and telephone, through Apprise", f"{worded.subject}\n\n{worded.short}"),
        ("Webhook", body),
        ("Log", worded.subject),
    ]
    return "\n\n".join(f"{name}\n{'─' * len(name)}\n{text.rstrip()}" for name, text in parts)
