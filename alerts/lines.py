"""Other people's text, made safe to stand in a line of ours: no breaks, no control characters, not too long."""

from __future__ import annotations

import re
import unicodedata

# Controls, line and paragraph separators, halves of characters, and marks that turn the direction of writing.
_BREAKING = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
_LONGEST = 300  # characters of a quotation: what may leave the archive of a text that is not Ofsted's


def one_line(text: str | bytes, longest: int = _LONGEST) -> str:
    """The text in one line, control characters and line breaks as single spaces; cut at `longest` with an ellipsis."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    kept = "".join(" " if unicodedata.category(each) in _BREAKING else each for each in text)
    kept = re.sub(r"\s+", " ", kept).strip()
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"
