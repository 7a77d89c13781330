"""From what was typed to what is meant."""

from search.understanding.lexicon import (
    Firm,
    Label,
    Lexicon,
    Person,
    PlainLexicon,
    Synonyms,
    near_terms,
)
from search.understanding.reader import loosened, read
from search.understanding.slips import mended

__all__ = [
    "Firm",
    "Label",
    "Lexicon",
    "Person",
    "PlainLexicon",
    "Synonyms",
    "loosened",
    "mended",
    "near_terms",
    "read",
]
