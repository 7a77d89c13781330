"""The tables of one generation of the index, and how documents become their rows."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from search.analysis import ANALYSIS_VERSION, normalise, tokens
from search.document import Document
from search.errors import EngineUnavailable
from search.marks import marks_of
from search.ranking import SEPARATOR, is_own_title, joined

_LAYOUT = "3"
"""To be raised with every change of the tables or of what is written into them."""

VERSION = f"embedded-{_LAYOUT}/{ANALYSIS_VERSION}"

MAX_TEXT = 100_000
"""Characters of a text that are indexed; what comes after is stored nowhere here."""

# A key is day, number within the day, and facet, in this order. Days and numbers count backwards:
# FTS5 lists matches by ascending key, so it lists the newest first without sorting (descending
# takes four times as long), and a range of dates is a range of keys. With the facet inside, counting
# by facet reads nothing but the list of matches.
_LAST_DAY = date.max.toordinal()
_NUMBER_BITS = 22
_FACET_BITS = 14
NUMBERS = 1 << _NUMBER_BITS
"""Documents of one day."""
FACETS = 1 << _FACET_BITS
"""Different combinations of type, stage and team."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE docs (
    number INTEGER PRIMARY KEY,  -- in the order of arrival, which fills pages best
    key INTEGER NOT NULL UNIQUE,
    type TEXT NOT NULL,
    id INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    active INTEGER NOT NULL,
    flags TEXT NOT NULL,
    n_title TEXT NOT NULL, n_names TEXT NOT NULL, n_about TEXT NOT NULL, n_text TEXT NOT NULL,
    title TEXT NOT NULL, names TEXT NOT NULL, text TEXT NOT NULL,
    UNIQUE (type, id)
);
CREATE TABLE facets (
    facet INTEGER PRIMARY KEY,
    type TEXT NOT NULL, stage TEXT NOT NULL, team TEXT NOT NULL,
    UNIQUE (type, stage, team)
);
CREATE TABLE journal (type TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (type, id))
    WITHOUT ROWID;
-- Tokens are cut beforehand; this tokenizer only splits at spaces. Filter values begin with `_` and
-- the words of `called` with `:`, which no other word does: so each finds only its own kind, even
-- by its first letter. `called` has the words of names and of titles of one's own once more: what is
-- called so is found without a walk through all that only mention it.
CREATE VIRTUAL TABLE fts USING fts5 (
    title, names, about, text, called, flags,
    content = '', columnsize = 0, detail = full, tokenize = "ascii tokenchars ':_-=~.'"
);
"""

_PLAIN = re.compile(r"[a-z0-9_:=~.-]+")
_BETWEEN_VALUES = " : "

DATED = "dated"
"""The mark of documents with a date of their own."""

CALLED = ":"
"""Begins the tokens of the column `called`."""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns what SQLite says of locks, full disks and broken files into EngineUnavailable."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError):
        raise
    except sqlite3.DatabaseError as error:
        raise EngineUnavailable(str(error)) from error


def flag(mark: str) -> str:
    """The token of a mark or access token. Those that are not plain go in as a digest."""
    if not _PLAIN.fullmatch(mark):
        mark = "_" + blake2b(mark.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return f"_{mark}"


def keys_of(day: date) -> range:
    """The keys that documents of one day can have, newest first."""
    place = _LAST_DAY - day.toordinal()
    width = NUMBERS * FACETS
    return range(place * width, (place + 1) * width)


def key_before(day: date, newest: int | None, facet: int) -> int:
    """The key of a new document of that day, in front of the newest one there is.

    Raises ValueError where a day has more documents, or the index more facets, than keys can say.
    """
    keys = keys_of(day)
    first = (keys.stop if newest is None else newest) // FACETS - 1
    key = first * FACETS + facet
    if key not in keys or facet >= FACETS:
        raise ValueError(f"no key left for a document of {day} with facet {facet}")
    return key


@dataclass(frozen=True, slots=True)
class Row:
    """A document as it is stored; only the key is still to be given."""

    document: Document
    fingerprint: str
    flags: str
    title: str
    names: str
    about: str
    text: str

    def words(self) -> tuple[str, ...]:
        """The columns of the full-text table."""
        return words(self.title, self.names, self.about, self.text, self.flags)


def words(title: str, names: str, about: str, text: str, flags: str) -> tuple[str, ...]:
    """The columns of the full-text table for normalised fields; the same again when deleting."""
    own = (title,) if is_own_title("", title, about) else ()
    called = SEPARATOR.join((*own, names))
    return (
        _words(title),
        _words(names),
        _words(about),
        _words(text),
        _words(called, prefix=CALLED),
        flags,
    )


def _words(value: str, *, prefix: str = "") -> str:
    found = ([prefix + token for token in tokens(part)] for part in value.split(SEPARATOR))
    return _BETWEEN_VALUES.join(" ".join(part) for part in found)


def row_of(document: Document) -> Row:
    """What is stored of a document."""
    return Row(
        document=document,
        fingerprint=document.fingerprint(),
        flags=" ".join(sorted(_flags(document))),
        title=normalise(document.title),
        names=joined(document.names),
        about=joined(document.about),
        text=normalise(document.text[:MAX_TEXT]),
    )


def _flags(document: Document) -> Iterator[str]:
    for token in document.access:
        yield flag(f"access:{token}")
    for mark in marks_of(document):
        yield flag(mark)
    if document.occurred_on is not None:
        yield flag(DATED)
