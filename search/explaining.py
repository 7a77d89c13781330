"""Why a document ranks where it does, worked out from the document as every engine indexes it."""

from dataclasses import dataclass

from search.analysis import normalise
from search.document import Document
from search.marks import marks_of
from search.query import Clause, Query
from search.ranking import Fields, Reason, explain, is_answered, joined


@dataclass(frozen=True, slots=True)
class Explanation:
    """The parts of a score, and the clauses that keep a document from being a full hit."""

    reasons: tuple[Reason, ...]
    lacking: tuple[Clause, ...]
    forbidden: tuple[Clause, ...]

    @property
    def score(self) -> float:
        """What the parts add up to."""
        return sum(reason.points for reason in self.reasons)


def explained(query: Query, document: Document) -> Explanation:
    """How a document answers a query, whatever engine keeps it."""
    fields = fields_of(document)
    wanted = (*query.clauses, *query.required)
    return Explanation(
        reasons=tuple(explain(query, fields)),
        lacking=tuple(one for one in wanted if not is_answered(one, fields)),
        forbidden=tuple(one for one in query.excluded if is_answered(one, fields)),
    )


def fields_of(document: Document) -> Fields:
    """What of a document decides its rank."""
    return Fields(
        type=document.type,
        title=normalise(document.title),
        names=joined(document.names),
        about=joined(document.about),
        text=normalise(document.text),
        active=document.status == "active",
        marks=marks_of(document),
    )
