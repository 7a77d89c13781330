"""Marks in a record's text what a search looked for, on the page that a result opens."""

from flask import g
from markupsafe import Markup, escape

from crm.core.clock import today
from crm.find.lexicon import DatabaseLexicon
from search.errors import QueryTooLong
from search.snippets import Wanted, marked_title, wanted_of
from search.understanding import mended, read

ANCHOR = "hit"
"""The id of the first mark: the address of a result ends in it, so the browser goes there."""

_MARK = "<mark>"


def marked(text: str | None, q: str, anchor: bool = True) -> Markup:
    """A text as safe HTML with what the query `q` looks for marked.

    The first mark carries the anchor unless another text of the page has it. `search.snippets`
    escapes everything of the text; a query that cannot be read marks nothing.
    """
    if not text or not q.strip():
        return escape(text or "")
    found = _marked(text, q)
    if anchor:
        found = found.replace(_MARK, f'<mark id="{ANCHOR}">', 1)
    return Markup(found)  # noqa: S704  # nosec B704


def _marked(text: str, q: str) -> str:
    """The strictest reading that can be seen in the text: all of it, its pieces, its mended form."""
    for wanted in _readings(q):
        found = marked_title(text, wanted)
        if _MARK in found:
            return found
    return str(escape(text))


def _readings(q: str) -> list[Wanted]:
    """What to mark, the strictest reading first; worked out once for all the texts of a page."""
    known: dict[str, list[Wanted]] = g.setdefault("readings", {})
    if q not in known:
        lexicon = DatabaseLexicon()
        try:
            query = read(q, lexicon, today())
        except QueryTooLong:
            known[q] = []
        else:
            pieces = wanted_of(query, relaxed=True)
            known[q] = [wanted_of(query), pieces, wanted_of(mended(query, lexicon))]
    return known[q]
