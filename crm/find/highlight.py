"""Marks in a record's text what a search looked for, on the page that a result opens."""

from flask import g
from markupsafe import Markup, escape

from crm.core.clock import today
from crm.find.lexicon import DatabaseLexicon
from search.errors import QueryTooLong
from search.query import Query
from search.snippets import marked_title, wanted_of
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
    try:
        query = _read(q)
    except QueryTooLong:
        return str(escape(text))
    for reading, relaxed in ((query, False), (query, True)):
        found = marked_title(text, wanted_of(reading, relaxed=relaxed))
        if _MARK in found:
            return found
    return marked_title(text, wanted_of(mended(query, DatabaseLexicon())))


def _read(q: str) -> Query:
    """The query, read once for all the texts of a page."""
    known: dict[str, Query] = g.setdefault("queries_read", {})
    if q not in known:
        known[q] = read(q, DatabaseLexicon(), today())
    return known[q]
