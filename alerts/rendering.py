"""Templates to text and HTML: the operator's own ones first, in a sandbox; the built-in ones where those fail."""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # else where something is rendered: most polls have nothing to tell
    from jinja2.sandbox import SandboxedEnvironment

COLUMNS = 78  # of a letter in plain text; an address is never broken

_log = logging.getLogger(__name__)


def render(name: str, given: Mapping[str, Any], folder: str | None) -> str:
    """The template of that name in the folder, else the built-in one; HTML with its styles in its elements.

    A template of the folder that cannot be used is named in the log, and the built-in one takes its place.
    """
    if folder:
        try:
            return _rendered(_environment(folder), name, given)
        except Exception as error:  # whatever a person's template does, the message goes out
            from jinja2 import TemplateSyntaxError

            where = f"{error.name or name}, line {error.lineno}" if isinstance(error, TemplateSyntaxError) else name
            _log.warning("the template %s in %s cannot be used (%s); the built-in one was", where, folder, error)
    return _rendered(_environment(None), name, given)


def fold(text: str, indent: str = "", first: str | None = None) -> str:
    """The text in lines of at most 78 columns, each begun by `indent`, the first one by `first`."""
    return textwrap.fill(
        text, COLUMNS, initial_indent=indent if first is None else first, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


@lru_cache(maxsize=4)
def _environment(folder: str | None) -> SandboxedEnvironment:
    from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    built_in = PackageLoader("alerts", "templates")
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder), built_in]) if folder else built_in,
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["fold"] = fold
    return made


def _rendered(environment: SandboxedEnvironment, name: str, given: Mapping[str, Any]) -> str:
    text = environment.get_template(name).render(given)
    return _styled(text) if name.endswith(".html") else text


def _styled(page: str) -> str:
    """The styles in their elements, for mail clients that drop a style sheet; what cannot stand there is kept."""
    import css_inline

    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False).inline(page)
