"""The command `search explain`: what a query was read as, and why a record ranks where it does."""

from collections.abc import Iterator

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from crm import indexing
from crm.companies.models import Company
from crm.core.permissions import SYSTEM
from crm.extensions import db
from crm.find import filters, queries
from crm.find.chips import MEANINGS, shown
from crm.interactions.models import Interaction
from crm.leads.models import Lead
from search.document import Document, Key
from search.errors import QueryTooLong
from search.explaining import Explanation, explained
from search.query import Clause
from search.ranking import Reason

_KEPT = 200
"""So many hits are looked through for the record's place."""

_MODELS: dict[str, type[Company] | type[Lead] | type[Interaction]] = {
    "company": Company,
    "lead": Lead,
    "interaction": Interaction,
}
_RULES = {
    "phrase": "要的都有，且原样连在一起",
    "close": "要的都有，且离得近",
    "all": "要的都有",
    "some": "只有一部分",
    "field": "说到“{}”",
    "mark": "符合“{}”",
    "called": "名称就是所查的，或以它开头",
    "itself": "是企业本身，不是关于它的记录",
    "preferred": "正处在所查的阶段或状态",
    "active": "正在跟进",
}


@click.command("explain")
@click.argument("query")
@click.argument("ref")
@with_appcontext
def explain(query: str, ref: str) -> None:
    """说明 QUERY 读作什么、记录 REF（编号，或 lead:7 这样的类型和 id）为何排在那里。"""
    key = _key_of(ref)
    document = indexing.index().registry.load([key]).get(key) if key else None
    if document is None:
        raise click.ClickException(f"没有编号为“{ref}”的企业、线索或接洽记录。")
    try:
        answer = queries.run(SYSTEM, filters.Request(q=query, per_page=_KEPT))
    except QueryTooLong as error:
        limit, length = error.params["limit"], error.params["length"]
        raise click.ClickException(f"查询最多 {limit} 个字，您输入了 {length} 个。") from error
    click.echo("读作：")
    for part in shown(answer.query):
        click.echo(f"  {part.label}：{part.text}{f'（{part.note}）' if part.note else ''}")
    if answer.query.suggestion:
        click.echo(f"  可能要找：{answer.query.suggestion}")
    place = next((n for n, hit in enumerate(answer.page.hits, 1) if hit.key == key), None)
    for line in _lines(document, explained(answer.query, document), place, answer):
        click.echo(line)


def _lines(
    document: Document, found: Explanation, place: int | None, answer: queries.Answer
) -> Iterator[str]:
    yield f"记录：{document.type}:{document.id} {document.title}"
    page = answer.page
    if page.degraded:
        yield "搜索暂不可用，下面按记录本身计算。"
    elif place is None:
        yield f"不在前 {_KEPT} 条之内（{page.engine}，共 {page.total_at_least} 条）。"
    else:
        yield f"排第 {place}（{page.engine}，共 {page.total_at_least} 条，按能看到全部的人计）。"
    for clause in found.lacking:
        yield f"缺：{_named(clause)}"
    for clause in found.forbidden:
        yield f"含被排除的：{_named(clause)}"
    yield f"得分 {found.score:.2f}："
    for reason in found.reasons:
        yield f"  {reason.points:+.2f} {_in_words(reason)}"


def _named(clause: Clause) -> str:
    return f"{MEANINGS[clause.meaning]} {clause.typed}".strip()


def _in_words(reason: Reason) -> str:
    return _RULES[reason.rule].format(reason.detail or "数量、方式等条件")


def _key_of(ref: str) -> Key | None:
    """The record of this ref, or of a type and id."""
    kind, _, number = ref.partition(":")
    if kind in _MODELS and number.isascii() and number.isdigit():
        return Key(kind, int(number))
    for kind, model in _MODELS.items():
        found = db.session.scalar(select(model.id).where(model.ref == ref))
        if found is not None:
            return Key(kind, found)
    return None
