"""What of a record can be found: one document per company, lead, interaction or project."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from hashlib import blake2b
from typing import NamedTuple


class Key(NamedTuple):
    """Names one document: its type and the record's id."""

    type: str
    id: int


@dataclass(frozen=True, slots=True)
class Link:
    """A record that a document belongs to, with the name to show for it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Document:
    """The searchable state of one record.

    `names` are the record's own names and aliases; the names of the firms it belongs to come in
    with `company` and `other_companies`. `access` holds opaque tokens: a viewer finds the document
    if he holds one of them, nobody finds it if there are none. `team`, `owner`, `stage`, `status`
    and `kind` are the application's keys, compared as they are. `occurred_on` is the date a person
    would name for the record; without one `updated_at` stands in where newer goes first. `days` are
    further dates by which it may be asked for, `stage_since` the day it entered its stage. `added_at` is
    when the record came into the product.
    """

    type: str
    id: int
    title: str
    updated_at: datetime
    access: frozenset[str]
    ref: str | None = None
    text: str = ""
    names: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    company: Link | None = None
    other_companies: tuple[Link, ...] = ()
    lead: Link | None = None
    occurred_on: date | None = None
    days: tuple[date, ...] = ()
    stage_since: date | None = None
    added_at: datetime | None = None
    kind: str | None = None
    stage: str | None = None
    status: str | None = None
    team: str | None = None
    owner: str | None = None

    @property
    def key(self) -> Key:
        """The document's name in every engine."""
        return Key(self.type, self.id)

    @property
    def companies(self) -> tuple[Link, ...]:
        """All firms the record belongs to, the main one first."""
        return (self.company, *self.other_companies) if self.company else self.other_companies

    @property
    def day(self) -> date:
        """The date by which newer goes first."""
        return self.occurred_on or self.updated_at.date()

    @property
    def about(self) -> tuple[str, ...]:
        """Words the record is found by without being named so: firms, people, tags, reference."""
        firms = (link.name for link in self.companies)
        ref = (self.ref,) if self.ref else ()
        return (*firms, *self.people, *self.tags, *ref)

    def fingerprint(self) -> str:
        """A digest of everything above, by which `verify` sees whether an engine is up to date."""
        values = [getattr(self, name) for name in _PLAIN_FIELDS]
        content = repr((values, sorted(self.access)))
        return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


_PLAIN_FIELDS = tuple(item.name for item in fields(Document) if item.name != "access")


@dataclass(slots=True)
class Differences:
    """How an engine's documents differ from the records, by key."""

    missing: list[Key] = field(default_factory=list)
    stale: list[Key] = field(default_factory=list)
    extra: list[Key] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.extra)

    def keys(self) -> Iterable[Key]:
        """Every key that differs."""
        return [*self.missing, *self.stale, *self.extra]
