"""What a server said, made safe to keep and to show: one line, no control characters, not too long."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 300


def one_line(text: str | bytes, longest: int = _LONGEST) -> str:
    """The text in one line, its control characters and line breaks as single spaces."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    kept = "".join(" " if unicodedata.category(each) in _BREAKING else each for each in text)
    kept = re.sub(r"\s+", " ", kept).strip()
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


# Controls, line and paragraph separators, halves of characters, and marks that turn the direction of writing.
_BREAKING = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
