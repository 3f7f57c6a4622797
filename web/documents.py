"""What was stored: a page of one of Ofsted's documents, with the quoted words marked; and the original bytes."""

from __future__ import annotations

import re
from itertools import pairwise

from flask import Blueprint, Response, abort, render_template, request
from markupsafe import Markup, escape

from inspections.model import Evidence
from web import words
from web.asked import BadQuestion, number
from web.site import site

part = Blueprint("documents", __name__)

# What a browser is told of stored bytes goes by what they begin with, never by what a server once said of them.
_MAGIC = ((b"%PDF-", "application/pdf", "pdf"),)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cache-Control": "private, max-age=31536000, immutable",
}
_MOST_PAGES = 2_000


@part.get("/originals/<sha256>")
def original(sha256: str) -> Response:
    """The bytes as they were fetched: Ofsted's own; those of others only with --private."""
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        abort(404, "An original is named by its SHA-256, 64 hexadecimal digits.")
    official = site().archive.is_official_capture(sha256)
    if official is None:
        abort(404, "The archive has no original of that name.")
    if not official and not site().settings.private:
        abort(403, "Only Ofsted’s own documents are shown here. Others are read where they were published.")
    body = site().archive.captures.get(sha256)
    known = ((kind, ending) for magic, kind, ending in _MAGIC if body.startswith(magic))
    mimetype, ending = next(known, ("text/plain; charset=utf-8", "txt"))
    response = Response(body, content_type=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{sha256[:16]}.{ending}"'
    response.headers.update(_HEADERS)
    response.set_etag(sha256)
    return response


@part.get("/document")
def page() -> str:
    """One page of a stored document, as text: ?source=…&ref=…&page=3, and what to mark by &field=… or &words=…."""
    kept = site().archive.publication(request.args.get("source", ""), request.args.get("ref", ""))
    if kept is None:
        abort(404, "The archive has no publication of that source and number.")
    publication = kept.publication
    if not publication.official and not site().settings.private:
        abort(403, "Only Ofsted’s own documents are shown here. Others are read where they were published.")
    texts = publication.text.split("\f")[:_MOST_PAGES]
    shown = number(request.args, "page", 1, _MOST_PAGES)
    if shown > len(texts):
        raise BadQuestion(f"page is {shown}: the document has {len(texts)}.")
    field = request.args.get("field", "")
    named = [evidence for each in publication.findings if (evidence := each.evidence.get(field))]
    return render_template(
        "document.html", publication=publication, page=shown, pages=len(texts), url=words.safe(publication.url),
        text=marked(texts[shown - 1], named, request.args.get("words", "")),
        field=words.area(field) if named else "",
    )  # fmt: skip


def marked(text: str, evidence: list[Evidence], searched: str) -> Markup:
    """The text of a page, escaped, with the quoted words or those searched for in <mark>."""
    wanted = [r"\s+".join(map(re.escape, each.text.split())) for each in evidence if each.text.strip()]
    wanted += [rf"\b{re.escape(word)}\w*" for word in re.findall(r"\w{3,}", searched)[:20]]
    spans = [match.span() for match in re.finditer("|".join(wanted), text, re.IGNORECASE)] if wanted else []
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    pieces = [(text[start:end], n % 2) for n, (start, end) in enumerate(pairwise(edges))]
    return Markup("").join(Markup("<mark>{}</mark>").format(piece) if hit else escape(piece) for piece, hit in pieces)
