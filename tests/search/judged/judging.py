"""Asks the judged queries of the application and counts what came of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from crm.accounts.models import User
from crm.core.permissions import Actor
from crm.extensions import db
from crm.find import filters, queries
from tests.search.judged.loading import data

BEST = 10
ASKER = "jiangtong"


@dataclass(frozen=True)
class Judged:
    """A query, and what is known of which records answer it."""

    kind: str
    q: str
    asker: str
    wanted: frozenset[str]
    unwanted: frozenset[str]
    never: frozenset[str]
    top: str | None


@dataclass(frozen=True)
class Outcome:
    """What a query brought: the refs of the first hits, best first."""

    judged: Judged
    refs: tuple[str, ...]
    did_you_mean: str | None = None

    @property
    def missing(self) -> frozenset[str]:
        """The wanted records that are not among the best, as far as there is room for them."""
        return self.judged.wanted - set(self.refs[:BEST])

    @property
    def recall(self) -> float:
        """The share of the wanted records that are among the best, of those there is room for."""
        wanted = self.judged.wanted
        room = min(BEST, len(wanted))
        return (len(wanted) - len(self.missing)) / room if wanted else 1.0

    @property
    def is_first_right(self) -> bool:
        """Whether the wanted record stands first."""
        if not self.judged.wanted:
            return True
        first = self.refs[0] if self.refs else None
        top = self.judged.top
        return first == top if top else first in self.judged.wanted

    @property
    def is_good(self) -> bool:
        """Whether nothing is missing or in the way."""
        return self.recall == 1.0 and self.is_first_right and not self.traps

    @property
    def traps(self) -> list[str]:
        """Unwanted records above a wanted one, and excluded ones among the best."""
        wanted = [place for place, ref in enumerate(self.refs) if ref in self.judged.wanted]
        last = max(wanted, default=len(self.refs))
        above = [ref for ref in self.refs[:last] if ref in self.judged.unwanted]
        return [*above, *(ref for ref in self.refs[:BEST] if ref in self.judged.never)]


@dataclass
class Figures:
    """The figures of some queries."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The mean recall among the first ten."""
        return sum(one.recall for one in self.outcomes) / len(self.outcomes)

    @property
    def first(self) -> float:
        """How often the wanted record stands first."""
        return sum(one.is_first_right for one in self.outcomes) / len(self.outcomes)

    @property
    def traps(self) -> float:
        """How often an unwanted record gets in the way."""
        return sum(bool(one.traps) for one in self.outcomes) / len(self.outcomes)


def judged_queries() -> Iterator[Judged]:
    """All of them."""
    by_kind: Mapping[str, Sequence[Mapping[str, object]]] = data("queries")
    for kind, rows in by_kind.items():
        for row in rows:
            yield Judged(
                kind=kind,
                q=str(row["q"]),
                asker=str(row.get("asker", ASKER)),
                wanted=_refs(row, "wanted"),
                unwanted=_refs(row, "unwanted"),
                never=_refs(row, "never"),
                top=str(row["top"]) if "top" in row else None,
            )


def _refs(row: Mapping[str, object], key: str) -> frozenset[str]:
    found = row.get(key, [])
    assert isinstance(found, list)
    return frozenset(map(str, found))


def ask(judged: Judged) -> Outcome:
    """The query put to the application by the person who asks."""
    user = db.session.scalars(select(User).where(User.username == judged.asker)).one()
    actor = Actor(id=user.id, name=user.name, role=user.role, team_id=user.team_id)
    answer = queries.run(actor, filters.Request(q=judged.q, per_page=50))
    refs = tuple(result.ref for result in answer.results)
    return Outcome(judged, refs, answer.did_you_mean)


def figures(outcomes: Iterable[Outcome]) -> dict[str, Figures]:
    """By kind, and over all under the name `all`."""
    found: dict[str, Figures] = {}
    for outcome in outcomes:
        for kind in (outcome.judged.kind, "all"):
            found.setdefault(kind, Figures()).outcomes.append(outcome)
    return found
