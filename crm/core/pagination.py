"""Pages of a list, and sort keys taken from an allow-list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, select

from crm.extensions import db

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; `total` counts the whole list within the viewer's access."""

    items: Sequence[T]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return (self.page - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * self.per_page, self.total)


def paginate(query: Select[Any], *, page: int, per_page: int, most: int = 200) -> Page[Any]:
    """Run a list query for one page; the count runs on the same conditions, without the order."""
    per_page = max(1, min(per_page, most))
    page = max(1, page)
    bare = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    total = db.session.scalar(bare) or 0
    page = min(page, max(1, -(-total // per_page)))
    rows = db.session.scalars(query.limit(per_page).offset((page - 1) * per_page)).unique().all()
    return Page(items=rows, total=total, page=page, per_page=per_page)


def order_by(
    allowed: Mapping[str, ColumnElement[Any] | Any], wanted: str, default: str
) -> list[ColumnElement[Any]]:
    """Order terms for `key` or `-key`; a key outside the allow-list falls back to the default."""
    key = wanted.removeprefix("-")
    if key not in allowed:
        wanted, key = default, default.removeprefix("-")
    column = allowed[key]
    term = column.desc() if wanted.startswith("-") else column.asc()
    return [term.nulls_last()]


def exists_rows(query: Select[Any]) -> bool:
    """Whether a query has any row, without counting them."""
    return bool(db.session.scalar(select(query.exists())))
