"""The mapping of one generation of the index, its names, and how documents become its entries."""

import json
import re
from hashlib import blake2b
from typing import Any

from search.analysis import ANALYSIS_VERSION, normalise, tokens
from search.document import Document, Key
from search.marks import marks_of
from search.ranking import SEPARATOR, is_own_title, joined

_LAYOUT = "2"
"""To be raised with every change of what is written that the mapping does not show."""

MAX_TEXT = 100_000
"""Characters of a text that are indexed; what comes after is stored nowhere here."""

EDGE = ":"
"""The word before, between and behind values."""

_BETWEEN_VALUES = f" {EDGE} "

ALL, CALLED, ABOUT = "t_all", "t_called", "t_about"
"""Fields of words: all there are, those of title and names, those of what it is about."""

# Tokens are cut beforehand, so the server only splits at spaces. The first character of each stands
# at the same place once more: a term that ends within a token is then a look-up like any other.
_ANALYSIS = {
    "filter": {"beginnings": {"type": "edge_ngram", "min_gram": 1, "max_gram": 2}},
    "analyzer": {
        "stored": {"type": "custom", "tokenizer": "whitespace", "filter": ["beginnings"]},
        "asked": {"type": "custom", "tokenizer": "whitespace"},
    },
}
_WORDS = {
    "type": "text",
    "analyzer": "stored",
    "search_analyzer": "asked",
    "norms": False,
    "index_options": "positions",
}
_VALUE = {"type": "keyword"}
# Read newest first, reading ends as soon as enough is found.
_ORDER = {"field": ["day", "id", "type"], "order": ["desc", "desc", "asc"]}
_KEPT = {"type": "text", "index": False}
_MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    # What is only searched need not be kept: documents are written whole, never changed in part.
    "_source": {"excludes": [ALL, CALLED, ABOUT, "access", "day"]},
    "properties": {
        ALL: _WORDS,
        CALLED: _WORDS,
        ABOUT: _WORDS,
        "type": _VALUE,
        "id": {"type": "long"},
        "stage": _VALUE,
        "team": _VALUE,
        "access": {"type": "keyword", "doc_values": False},
        "marks": {"type": "keyword", "doc_values": False},
        "day": {"type": "date", "format": "strict_date"},
        "occurred_on": {"type": "date", "format": "strict_date"},
        "fingerprint": {"type": "keyword", "index": False},
        "title": _KEPT,
        "text": _KEPT,
        "names": _KEPT,
        "about": _KEPT,
    },
}


def _digest() -> str:
    content = json.dumps([_LAYOUT, ANALYSIS_VERSION, _ANALYSIS, _ORDER, _MAPPING], sort_keys=True)
    return blake2b(content.encode(), digest_size=6).hexdigest()


VERSION = _digest()
"""Stands in the names of indices: another mapping or analysis is another index."""


class Names:
    """What the indices and aliases are called that begin with one prefix.

    A generation is an index `<prefix>-<version>-<number>`. It is searched through the alias of its
    version and written through one of its own, which goes with it: so nothing is written into a
    generation that was dropped, and none is made by a write.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.control = f"{prefix}-control"
        self.control_index = f"{prefix}-control-1"
        self.reading = f"{prefix}-{VERSION}"
        self._generation = re.compile(rf"{re.escape(prefix)}-[0-9a-f]{{12}}-\d+")

    def generation(self, number: int) -> str:
        """The index of a new generation of the present version."""
        return f"{self.prefix}-{VERSION}-{number}"

    def is_generation(self, index: str) -> bool:
        """Whether an index is one of our generations, of any version."""
        return self._generation.fullmatch(index) is not None


def writing(generation: str) -> str:
    """The alias through which a generation is written."""
    return f"{generation}-write"


def version_of(generation: str) -> str:
    """The version by which a generation was made."""
    return generation.rsplit("-", 2)[1]


def index_settings(shards: int, replicas: int | None, *, building: bool) -> dict[str, Any]:
    """The settings of a generation; while it is built nothing is copied and nothing made visible."""
    settings: dict[str, Any] = {
        "number_of_shards": shards,
        "analysis": _ANALYSIS,
        "sort": _ORDER,
        # A writer that was held up must not bring back what was deleted meanwhile.
        "gc_deletes": "10m",
        "max_result_window": 20_000,
    }
    return settings | (
        {"number_of_replicas": 0, "refresh_interval": "-1"} if building else live_settings(replicas)
    )


def live_settings(replicas: int | None) -> dict[str, Any]:
    """What differs once a generation is live."""
    copies: dict[str, Any] = (
        {"auto_expand_replicas": "0-1"} if replicas is None else {"number_of_replicas": replicas}
    )
    return {"refresh_interval": "500ms", **copies}


def mapping() -> dict[str, Any]:
    """The mapping of a generation."""
    return _MAPPING


CONTROL_MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "kind": _VALUE,
        "generation": _VALUE,
        "value": {"type": "object", "enabled": False},
    },
}


def entry_id(key: Key) -> str:
    """The name of a document on the server."""
    return f"{key.type}:{key.id}"


def words(*fields: str) -> str:
    """The words of normalised fields of one or several values each, with gaps between values."""
    parts = (" ".join(tokens(part)) for field in fields for part in field.split(SEPARATOR))
    return _BETWEEN_VALUES.join(part for part in parts if part)


def encoded(value: dict[str, Any]) -> bytes:
    """One line of JSON; halves of characters, which no server takes, become question marks."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def source_of(document: Document) -> dict[str, Any]:
    """What is stored of a document."""
    text = document.text[:MAX_TEXT]
    title, names, about = normalise(document.title), joined(document.names), joined(document.about)
    own_title = (title,) if is_own_title(document.type, title, about) else ()
    source = {
        "type": document.type,
        "id": document.id,
        "fingerprint": document.fingerprint(),
        ALL: words(title, names, about, normalise(text)),
        CALLED: f"{EDGE} {words(*own_title, names)} {EDGE}",
        ABOUT: words(about),
        "access": sorted(document.access),
        "marks": sorted(marks_of(document)),
        "day": document.day.isoformat(),
        "occurred_on": document.occurred_on and document.occurred_on.isoformat(),
        "stage": document.stage,
        "team": document.team,
        "title": document.title,
        "text": text,
        "names": document.names,
        "about": document.about,
    }
    return {name: value for name, value in source.items() if value is not None}
