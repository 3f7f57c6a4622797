"""The site: who may ask, what every answer carries, and how it is served."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from archive import Archive, ArchiveError, QueryError
from inspections.authorities import Authorities
from web import api, documents, feeds, pages, words
from web.asked import BadQuestion
from web.site import LOOPBACK, Settings, Site, path_of_authority, site, slug

_LONGEST_ADDRESS = 4_000  # characters of a request's path and query
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

SERVER: dict[str, Any] = {
    "threads": 8, "ident": None, "max_request_header_size": 16_384, "max_request_body_size": 1_024,
    "channel_timeout": 30, "connection_limit": 200, "clear_untrusted_proxy_headers": False,
}  # fmt: skip

_TITLES = {400: "This question was not understood", 403: "Not shown here", 404: "Not found"}


def create_app(
    archive: Archive, authorities: Authorities, *, clock: Callable[[], datetime], settings: Settings | None = None
) -> Flask:
    """The site as a WSGI application. clock: an aware time in UTC, by which pages say "due" and "today".

    Raises ValueError where `private` is asked for on an address that others can reach.
    """
    settings = settings or Settings()
    app = Flask("web", static_folder=None)
    app.config.update(PROVIDE_AUTOMATIC_OPTIONS=False, MAX_CONTENT_LENGTH=0)
    app.url_map.merge_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(words=words, path_of_authority=path_of_authority, slug=slug)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    made = Site(archive, authorities, clock, settings)
    if settings.private and not _on_loopback(settings.base_url):
        raise ValueError(
            f"--private shows other people’s text, and so only on this machine: the address is {settings.base_url}"
        )
    app.extensions["site"] = made
    for part in (pages.part, documents.part, feeds.part, api.part):
        app.register_blueprint(part)
    app.before_request(_admitted)
    app.before_request(_given_before)
    app.after_request(_finished)
    for kind in (BadQuestion, QueryError, ArchiveError, HTTPException):
        app.register_error_handler(kind, _failed)
    app.context_processor(lambda: {"site": made, "today": made.today})
    return app


def serve(app: Flask, *, host: str, port: int) -> None:
    """Answer until the process is ended. Nothing is logged of who asked for what."""
    import waitress

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that somebody waited for a thread is no fault
    waitress.serve(app, host=host, port=port, **SERVER)


def _admitted() -> AnyResponse | None:
    """None where the request may go on. A foreign Host header is a page elsewhere that has turned its name on us."""
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name.lower() not in site().hosts:
        return _said(421, "This site does not answer to that name.")
    forwarded = {"X-Forwarded-For", "Forwarded", "Via"} & {each.title() for each, _ in request.headers}
    if site().settings.private and forwarded:
        return _said(403, "What is private is shown on this machine only, not through a proxy.")
    if len(request.full_path) > _LONGEST_ADDRESS:
        return _said(414, f"The address is longer than {_LONGEST_ADDRESS} characters.")
    return None


def _given_before() -> AnyResponse | None:
    """The answer as it was given before, where neither the archive nor the day has changed since."""
    if request.method not in ("GET", "HEAD"):
        return None
    g.state = site().state()
    return site().answers.get(g.state, _address())


def _finished(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if response.status_code == 200 and "Cache-Control" not in response.headers and "state" in g:
        response.add_etag()
        site().answers.put(g.state, _address(), response)
    if response.status_code == 200:
        response.headers.setdefault("Cache-Control", "no-store" if site().settings.private else "no-cache")
        if not response.direct_passthrough:
            response.add_etag()
        response.make_conditional(request)
    return response


def _address() -> tuple[str, bytes]:
    return request.path, request.query_string


def _failed(error: Exception) -> AnyResponse:
    if isinstance(error, HTTPException):
        if request.routing_exception is error and error.code == 404:
            return _said(404, "There is no page at this address.", error)
        return _said(error.code or 500, error.description or error.name, error)
    if isinstance(error, ArchiveError):
        return _said(503, "The archive cannot be read at this moment.")
    return _said(400, str(error))


def _said(code: int, sentence: str, error: HTTPException | None = None) -> AnyResponse:
    """The sentence as a page, or as JSON where a program asks."""
    given = error.get_headers() if error else []
    kept = {name: value for name, value in given if name.lower() in ("allow", "location")}
    if request.path.startswith("/api/"):
        answer = jsonify({"error": sentence})
    else:
        title = _TITLES.get(code, "This could not be answered")
        answer = Response(
            render_template("error.html", code=code, title=title, sentence=sentence), mimetype="text/html"
        )
    answer.status_code = code
    answer.headers.extend(kept)
    return answer


def _on_loopback(base_url: str) -> bool:
    from urllib.parse import urlsplit

    return urlsplit(base_url).hostname in LOOPBACK
